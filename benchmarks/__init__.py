"""Speed, memory and quality beside peers, and what each of voxlite's own choices costs and gives.

A command for each: `python -m benchmarks.voice`, `.segments`, `.speed` and `.frontend` beside peers; `.accelerations`,
`.probes` and `.nets` within voxlite; `.numbers` writes the results into the documents.

The peers come with `pip install --group bench`; Silero VAD is run from the ONNX file in its package, so PyTorch is
not needed (`pip install --no-deps silero-vad` is enough). Numerical libraries are held to one thread before NumPy is
loaded, so that every figure is for one core.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
