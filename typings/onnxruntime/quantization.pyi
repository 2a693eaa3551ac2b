from collections.abc import Mapping, Sequence
from enum import Enum

class QuantType(Enum):
    QInt8 = 0

def quantize_dynamic(
    model_input: str,
    model_output: str,
    op_types_to_quantize: Sequence[str] | None = None,
    per_channel: bool = False,
    reduce_range: bool = False,
    weight_type: QuantType = ...,
    extra_options: Mapping[str, bool | int] | None = None,
) -> None: ...
