"""Trains the demo model: text, vocabulary, weights, GGUF file. `train.sh` runs it."""
from __future__ import annotations

import argparse
import math
import random
import time
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor
from torch.nn import functional

from corpus import Knowledge, Writer
from gguf_file import export
from model import Llama, Shape
from tokenizer import ASSISTANT, VOCAB_SIZE, Row, Tokenizer

SEED = 20
VOCABULARY_CONVERSATIONS = 60_000
POOL = 3_000                # conversations sorted by length together, so that little padding is computed
BATCH_TOKENS = 3_072
PEAK_RATE = 3e-3
WARMUP = 0.02
MERGE_DROPOUT = 0.06
WITHOUT_BOS = 0.15          # clients differ in whether they put the start token
CUT_ANSWERS = 0.5           # of the last answers only the beginning is learnt: there the topic is chosen,
CUT_LENGTH = 12             # and twice as many questions are seen in the same time
REPORT_STEPS = 50


def size_words(shape: Shape) -> dict[str, str]:
    return {"params": f"{shape.parameters / 1e6:.1f}", "vocab": str(shape.vocab)}


def vocabulary_text(writer: Writer) -> list[str]:
    texts = []
    for _ in range(VOCABULARY_CONVERSATIONS):
        conversation = writer.conversation()
        texts += [text for text in (conversation.plain, conversation.system) if text]
        for turn in conversation.turns:
            texts += [turn.question, turn.answer]
    return [line for text in texts for line in text.split("\n") if line]


class Batches:
    """An endless supply of batches of rows of about the same length."""

    def __init__(self, writer: Writer, tokenizer: Tokenizer, context: int) -> None:
        self.writer, self.tokenizer, self.context = writer, tokenizer, context
        self.random = random.Random(SEED)
        self._ready: list[list[Row]] = []

    def next(self) -> tuple[Tensor, Tensor, Tensor]:
        """Ids, the position of every token to learn in the flattened batch, and those tokens."""
        if not self._ready:
            self._ready = self._fill()
        rows = self._ready.pop()
        length = max(len(row.ids) for row in rows) - 1
        ids = torch.zeros(len(rows), length, dtype=torch.long)
        positions, targets = [], []
        for index, row in enumerate(rows):
            ids[index, : len(row.ids) - 1] = torch.tensor(row.ids[:-1])
            for at in range(1, len(row.ids)):
                if row.learn[at]:
                    positions.append(index * length + at - 1)
                    targets.append(row.ids[at])
        return ids, torch.tensor(positions), torch.tensor(targets)

    def _fill(self) -> list[list[Row]]:
        rows = sorted((self._row() for _ in range(POOL)), key=lambda row: len(row.ids))
        batches: list[list[Row]] = [[]]
        for row in rows:
            if (len(batches[-1]) + 1) * len(row.ids) > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(row)
        self.random.shuffle(batches)
        return batches

    def _row(self) -> Row:
        row = self.tokenizer.row(self.writer.conversation(), self.random.random() >= WITHOUT_BOS,
                                 MERGE_DROPOUT if self.random.random() < 0.5 else 0.0)
        end = self.context
        if ASSISTANT in row.ids and self.random.random() < CUT_ANSWERS:
            last = len(row.ids) - row.ids[::-1].index(ASSISTANT)
            end = min(end, last + CUT_LENGTH)
        return Row(row.ids[:end], row.learn[:end])


def rate_at(progress: float) -> float:
    if progress < WARMUP:
        return PEAK_RATE * progress / WARMUP
    return PEAK_RATE * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - WARMUP) / (1 - WARMUP))))


def optimizer_for(model: Llama) -> torch.optim.AdamW:
    matrices = [p for p in model.parameters() if p.dim() == 2]
    norms = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.97), eps=1e-8)


def train(model: Llama, batches: Batches, steps: int, log: Path) -> None:
    optimizer = optimizer_for(model)
    started, tokens, losses = time.monotonic(), 0, []
    with log.open("w") as file:
        def report(line: str) -> None:
            print(line, flush=True)
            file.write(line + "\n")

        report(f"{model.shape}: {model.shape.parameters:,} parameters, seed {SEED}")
        report("    step      loss      rate    tokens  tokens/s   elapsed      left")
        for step in range(1, steps + 1):
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step / steps)
            ids, positions, targets = batches.next()
            hidden = model.hidden(ids).flatten(0, 1)[positions]
            loss = functional.cross_entropy(model.logits(hidden), targets)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            tokens += ids.numel()
            losses.append(loss.item())
            if step % REPORT_STEPS == 0 or step == steps:
                elapsed = time.monotonic() - started
                left = elapsed / step * (steps - step)
                report(f"{step:8} {sum(losses) / len(losses):9.4f} {rate_at(step / steps):9.2e} {tokens:9} "
                       f"{tokens / elapsed:9.0f} {elapsed:8.0f}s {left:8.0f}s")
                losses = []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the GGUF file to write")
    parser.add_argument("--log", type=Path, required=True, help="the training log to write")
    parser.add_argument("--steps", type=int, default=3000)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    sentencepiece.set_random_generator_seed(SEED)

    shape = Shape(VOCAB_SIZE)
    knowledge = Knowledge(size_words(shape))
    print("Training the vocabulary ...", flush=True)
    tokenizer = Tokenizer.train(vocabulary_text(Writer(knowledge, SEED)))
    model = Llama(shape)
    train(model, Batches(Writer(knowledge, SEED + 1), tokenizer, shape.context), arguments.steps, arguments.log)
    export(arguments.out, model, tokenizer)
    print(f"Wrote {arguments.out}: {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
