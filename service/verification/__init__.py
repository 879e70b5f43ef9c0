"""The citation guard: whether what a model's answer cites, quotes and claims is in the index.

    verification = engine.verify(VerifyQuery(text=answer, bundle_id=bundle_id))

Nothing is asked of a network or a language model, and the same answer is always judged the same.
The answer is read (`reading`), each citation becomes a statement (`statement`), which is looked
up (`lookup`) and compared with the article (`comparison`).
"""
