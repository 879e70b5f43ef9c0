"""Real models small enough to be made and exported within a test: random, 32 dimensions."""

from collections.abc import Callable
from pathlib import Path
from string import ascii_lowercase, digits
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

DIMENSION = 32
WINDOW = 24

_LETTERS = ascii_lowercase + digits + ".,:-"
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_VOCABULARY = (*_SPECIAL, *_LETTERS, *(f"##{letter}" for letter in _LETTERS))


def save_tiny_model(
    folder: Path,
    *,
    pooling: str = "mean",
    normalize: bool = True,
    prompts: dict[str, str] | None = None,
    default_prompt_name: str | None = None,
    include_prompt: bool = True,
    window: int | None = WINDOW,
    config: "PreTrainedConfig | None" = None,
    mend: "Callable[[PreTrainedModel], None]" = lambda _: None,
) -> Path:
    """Save a random BERT as a sentence-transformers model into `folder`, and give the folder.

    Its word pieces are single letters, so that a text has as many as it has letters. Another
    architecture is made of `config`; `mend` may change the weights before they are saved.
    """
    # imported here: what only asks an index should not wait for torch
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from transformers import AutoModel, set_seed
    from transformers.utils import logging

    # what is ignored here and below is untyped in transformers
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    set_seed(0)
    network = AutoModel.from_config(config or bert_config())  # type: ignore[no-untyped-call]
    with torch.no_grad():
        mend(network)
    network.save_pretrained(folder / "transformer")
    save_tokenizer(folder / "transformer", window)
    transformer = modules.Transformer(str(folder / "transformer"))
    pooled = modules.Pooling(DIMENSION, pooling_mode=pooling, include_prompt=include_prompt)
    parts = [transformer, pooled, *([modules.Normalize()] if normalize else [])]
    model = SentenceTransformer(
        modules=parts, device="cpu", prompts=prompts, default_prompt_name=default_prompt_name
    )
    model.save(str(folder / "model"), create_model_card=False)
    return folder / "model"


def save_tiny_cross_encoder(
    folder: Path,
    *,
    n_labels: int = 1,
    window: int | None = WINDOW,
    seed: int = 0,
    mend: "Callable[[PreTrainedModel], None]" = lambda _: None,
) -> Path:
    """Save a random BERT as a cross-encoder into `folder`, and give the folder."""
    import torch
    from transformers import AutoModelForSequenceClassification, set_seed
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    set_seed(seed)
    network = AutoModelForSequenceClassification.from_config(  # type: ignore[no-untyped-call]
        bert_config(n_labels)
    )
    with torch.no_grad():
        mend(network)
    network.save_pretrained(folder)
    save_tokenizer(folder, window)
    return folder


def bert_config(n_labels: int = 1) -> "PreTrainedConfig":
    """Describe a BERT of two layers, its weights far enough apart to tell texts apart."""
    from transformers import BertConfig

    config = BertConfig(
        vocab_size=len(_VOCABULARY),
        hidden_size=DIMENSION,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * DIMENSION,
        max_position_embeddings=64,
        initializer_range=0.3,
    )
    config.num_labels = n_labels
    return config


def vocabulary_size() -> int:
    """Give how many word pieces the tokenizer of these models knows."""
    return len(_VOCABULARY)


def save_tokenizer(folder: Path, window: int | None, *, has_types: bool = True) -> None:
    """Save the tokenizer of these models; without types, as for the kin of RoBERTa."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    pieces = {piece: number for number, piece in enumerate(_VOCABULARY)}
    tokenizer = Tokenizer(WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, pieces[name]) for name in ("[CLS]", "[SEP]")],
    )
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=[
            "input_ids",
            *(["token_type_ids"] if has_types else []),
            "attention_mask",
        ],
        **({"model_max_length": window} if window else {}),
    ).save_pretrained(folder)
