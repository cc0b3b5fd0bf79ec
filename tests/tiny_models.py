"""Random models of real architectures, small enough for a test, saved with a tokenizer as a hub's would be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя.,:«»"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
LONGEST = 128


def save_tokenizer(folder: Path, *more: str) -> int:
    """A tokenizer with a token per letter, and `more` special ones; the size of its vocabulary is returned."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = [*SPECIAL, *more, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    raw = Tokenizer(models.WordPiece({token: i for i, token in enumerate(vocabulary)}, unk_token="[UNK]"))
    raw.normalizer = normalizers.Lowercase()
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        additional_special_tokens=list(more),
        model_input_names=["input_ids", "attention_mask"],
        model_max_length=LONGEST,
    ).save_pretrained(folder)
    return len(vocabulary)


def encoder_config(family: str, vocabulary: int, **told: Any) -> Any:
    """A configuration of a family of encoders, as small as it gets, with weights so wide that they tell texts apart."""
    from transformers import AutoConfig

    special = {"pad_token_id": 0, "bos_token_id": 2, "cls_token_id": 2, "eos_token_id": 3, "sep_token_id": 3}
    return AutoConfig.for_model(
        family,
        vocab_size=vocabulary,
        max_position_embeddings=LONGEST + 2,
        initializer_range=0.3,
        **special,
        **_SIZES,
        **told,
    )


def save_classifier(folder: Path, family: str, labels: Mapping[int, str] | None, *, seed: int = 0) -> Path:
    """A sequence classifier of a family (bert, xlm-roberta, modernbert) with these labels; None: without a head."""
    import torch
    from transformers import AutoModel, AutoModelForSequenceClassification

    vocabulary = save_tokenizer(folder)
    told: dict[str, Any] = {}
    if labels is not None:
        told = {"id2label": dict(labels), "label2id": {label: i for i, label in labels.items()}}
    config = encoder_config(family, vocabulary, **told)
    torch.manual_seed(seed)
    made = AutoModel if labels is None else AutoModelForSequenceClassification
    made.from_config(config).save_pretrained(folder)
    return folder
