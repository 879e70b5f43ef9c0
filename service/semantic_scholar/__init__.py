"""In place of Semantic Scholar: the part of its Graph and Recommendations APIs that fits.

Its clients work with an index of Cognate when their address points here. Nothing is found or
ranked here: requests are translated into queries, and articles into papers. What has no meaning
here is refused with a reason, never passed over.
"""
