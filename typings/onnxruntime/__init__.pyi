"""The part of onnxruntime that is used here; the package has no types of its own."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

class GraphOptimizationLevel:
    ORT_ENABLE_BASIC: GraphOptimizationLevel

class SessionOptions:
    intra_op_num_threads: int
    inter_op_num_threads: int
    enable_cpu_mem_arena: bool
    log_severity_level: int
    graph_optimization_level: GraphOptimizationLevel
    optimized_model_filepath: str

class NodeArg:
    @property
    def name(self) -> str: ...

class InferenceSession:
    def __init__(
        self, path_or_bytes: str | bytes, sess_options: SessionOptions | None = None, *, providers: Sequence[str]
    ) -> None: ...
    def run(
        self, output_names: Sequence[str] | None, input_feed: Mapping[str, NDArray[np.int64] | NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]: ...
    def get_inputs(self) -> list[NodeArg]: ...
    def get_outputs(self) -> list[NodeArg]: ...
