"""What the services share. Imports no other folder of Boucle.

Its rooms, from bottom to top: data, embedding, registry and store, model, explain and auto,
retraining. Start at `settings.py` and `data/load.py`.
"""

import os

# ONNX Runtime 1.31 reports its use to its makers from the moment of its import, unless told not to.
os.putenv("ORT_DISABLE_TELEMETRY", "1")
