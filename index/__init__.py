"""The write side of Cognate: from source files to a snapshot on disk."""

import os

# Cognate works offline and tells nobody what it is asked. ONNX Runtime (from 1.29) and the
# Hugging Face hub's client report usage unless told not to before they are first imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
