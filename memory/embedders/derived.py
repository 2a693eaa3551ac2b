"""Models made once from what a package ships, and kept: in a folder of their own, by a process of their own.

Making one takes a few hundred megabytes for some seconds, which the bot should not keep.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from memory.embedders import EmbedderError

logger = logging.getLogger(__name__)

SECONDS = 180
FORM = 1  # raise it when models are made in another way, so that they are made again


def derived_model(source: Path, folder: Path, *, package: str, module: str) -> Path:
    """What `python -m module SOURCE DERIVED` makes of the package's file, made now if `folder` has it not. Blocking.

    Raises `EmbedderError` when it cannot be made.
    """
    derived = folder / f"{package}-{version(package)}-ort{version('onnxruntime')}-{FORM}.onnx"
    if derived.exists():
        return derived
    logger.info("preparing the embedding model, once: %s", derived)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", module, str(source), str(derived)]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS)  # noqa: S603 - our own module
    except subprocess.CalledProcessError as error:
        logger.debug("%s", error.stderr)
        last = str(error.stderr).strip().splitlines()[-1:]
        raise EmbedderError(f"the embedding model could not be prepared: {' '.join(last)}") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbedderError(f"the embedding model could not be prepared: {error}") from error
    return derived


def quantised(save: Callable[[Path], object], derived: Path, operators: Sequence[str]) -> None:
    """Write the model that `save` writes with int8 arithmetic to `derived`, whole or not at all."""
    # Only here: onnxruntime's quantiser imports onnx, and both together weigh more than all the rest of the bot.
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    for left in derived.parent.glob(f"{derived.name}.*"):
        if time.time() - left.stat().st_mtime > SECONDS:  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{derived.name}.", dir=derived.parent) as scratch:
        tempfile.tempdir = scratch  # where the quantiser writes, too: killed, it would leave 100 MB
        plain, made = Path(scratch, "plain.onnx"), Path(scratch, "made.onnx")
        save(plain)
        quantize_dynamic(
            str(plain),
            str(made),
            op_types_to_quantize=list(operators),
            per_channel=True,
            # Seven bits: processors without VNNI add two products of eight bits up in a number too small for them.
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": 1},
        )
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        made.replace(derived)
