"""Makes the shipped MiniLM twice as fast: from weights that are only stored as int8 to arithmetic in int8.

`python -m memory.embedders.requantise SHIPPED DERIVED`; `memory/embedders/derived.py` runs it.
"""

import sys
from pathlib import Path

import onnxruntime as ort

from memory.embedders.derived import quantised


def requantise(shipped: Path, derived: Path) -> None:
    """Write `derived`, whole or not at all."""
    quantised(lambda plain: _unpack(shipped, plain), derived, ["MatMul", "Gather"])


def _unpack(shipped: Path, plain: Path) -> None:
    options = ort.SessionOptions()
    # The basic level folds "int8 constant, cast, multiply" back into plain constants, which the quantiser can take.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(plain)
    options.log_severity_level = 3
    ort.InferenceSession(str(shipped), options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    requantise(Path(sys.argv[1]), Path(sys.argv[2]))
