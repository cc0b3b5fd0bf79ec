"""How fast zero-shot models are, by size and number of labels, and how near the plan's estimate comes.

    python benchmarks/zero_shot.py REVIEWS.csv.gz [--texts 8] [--labels 9 128]

The file has a column text. The models have random weights in the sizes of published ones, which takes the same time as
trained ones; what they answer means nothing. GLiClass needs the extra gliclass.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast

from training.hub import local_config
from training.zero_shot import Label, ZeroShotScorer, make_scorer
from workbench.proposing.effort import estimated_seconds
from workbench.proposing.llm.pricing import tokens_of

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<<LABEL>>", "<<SEP>>", "<<EXAMPLE>>"]
SIZES = {"small, 6 layers of 384": (6, 384), "base, 12 layers of 768": (12, 768)}
VOCABULARY = 16_000


def tokenizer_of(texts: list[str]) -> PreTrainedTokenizerFast:
    raw = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    raw.normalizer = normalizers.Lowercase()
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, show_progress=False)
    )
    raw.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        additional_special_tokens=SPECIAL[5:],
        model_input_names=["input_ids", "attention_mask"],
        model_max_length=1024,
    )


def encoder(layers: int, hidden: int, **told: Any) -> Any:
    return AutoConfig.for_model(
        "bert",
        vocab_size=VOCABULARY,
        num_hidden_layers=layers,
        hidden_size=hidden,
        num_attention_heads=hidden // 64,
        intermediate_size=4 * hidden,
        max_position_embeddings=1024,
        **told,
    )


def save_nli(folder: Path, tokenizer: PreTrainedTokenizerFast, layers: int, hidden: int) -> None:
    config = encoder(layers, hidden, id2label={0: "entailment", 1: "neutral", 2: "contradiction"})
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def save_gliclass(folder: Path, tokenizer: PreTrainedTokenizerFast, layers: int, hidden: int) -> None:
    from gliclass import GLiClassModel, GLiClassModelConfig

    config = GLiClassModelConfig(
        encoder_config=encoder(layers, hidden),
        encoder_model="random",
        class_token_index=5,
        text_token_index=6,
        example_token_index=7,
        vocab_size=VOCABULARY,
        prompt_first=True,
        pad_token_id=0,
    )
    GLiClassModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def seconds(scorer: ZeroShotScorer, texts: list[str], labels: list[Label]) -> float:
    scorer.one_of(texts[:1], labels)
    start = time.perf_counter()
    scorer.one_of(texts, labels)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reviews", type=Path)
    parser.add_argument("--texts", type=int, default=8)
    parser.add_argument("--labels", type=int, nargs="+", default=[9, 128])
    asked = parser.parse_args()
    everything = pd.read_csv(asked.reviews).text.dropna().astype(str)
    texts = everything.sample(asked.texts, random_state=0).tolist()
    torch.manual_seed(0)
    tokenizer = tokenizer_of(everything.tolist())
    print(
        f"{len(texts)} texts of {np.mean([len(tokenizer(text)['input_ids']) for text in texts]):.0f} tokens on average"
    )
    kinds = {"NLI": save_nli} | ({"GLiClass": save_gliclass} if find_spec("gliclass") else {})
    for (size, (layers, hidden)), (kind, save) in ((s, k) for s in SIZES.items() for k in kinds.items()):
        with tempfile.TemporaryDirectory() as folder:
            save(Path(folder), tokenizer, layers, hidden)
            scorer = make_scorer(folder)
            for count in asked.labels:
                labels = [Label(name=f"категория номер {i}") for i in range(count)]
                taken = seconds(scorer, texts, labels)
                told = sum(tokens_of(label.words) for label in labels)
                guessed = estimated_seconds(local_config(folder) or {}, texts, count, told, at_once=kind == "GLiClass")
                print(f"{kind}, {size}, {count} labels: {len(texts) / taken:.2f} texts/s,", end=" ")
                print(f"{len(texts) * count / taken:.0f} pairs/s, estimated/measured time {(guessed or 0) / taken:.2f}")


if __name__ == "__main__":
    main()
