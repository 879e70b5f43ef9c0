"""Tools for language models: what a chatbot calls, over MCP, HTTP or in a loop of its own.

    answer = tool_named("search_articles").call(holder, {"query": "sleep and memory"})

A tool translates, as a route does: arguments to a query, the engine's answer to text within a
budget of tokens. Only `protocol` and what imports it know MCP.
"""
