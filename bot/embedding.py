"""Which embedder the settings mean."""

from pathlib import Path

from bot.settings.running import Memory
from memory.embedders.spec import EmbedderSpec, ModelFolder, Service, best_bundled


def embedder_spec(memory: Memory, models: Path) -> EmbedderSpec:
    """As a value; nothing is loaded yet."""
    match memory.embedder:
        case "auto":
            return EmbedderSpec(models, best_bundled())
        case "minilm" | "e5":
            return EmbedderSpec(models, memory.embedder)
        case "openai":
            key = memory.openai_api_key
            service = Service(
                base_url=memory.openai_base_url or "",
                model=memory.openai_model or "",
                api_key=key.get_secret_value() if key else None,
                dimensions=memory.openai_dimensions,
                batch=memory.openai_batch,
                before_question=memory.question_prefix or "",
                before_passage=memory.passage_prefix or "",
            )
            return EmbedderSpec(models, service)
        case "onnx":
            folder = ModelFolder(
                memory.onnx_folder or Path(), memory.onnx_pooling, memory.question_prefix, memory.passage_prefix
            )
            return EmbedderSpec(models, folder)
