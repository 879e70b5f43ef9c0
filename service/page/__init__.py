"""The web page: what the engine answers, as HTML that needs no script and loads nothing else.

Every state of it is its address. It holds no search logic, and reads the engine as the API does.
"""
