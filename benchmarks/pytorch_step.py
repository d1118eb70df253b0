"""Reply tokens a second of the PyTorch reference's training step, on `cuda` where there is a GPU.

    PYTHON benchmarks/pytorch_step.py SCRIPT PAIRS.tsv --steps 100 --warm-up 20

Started by `benchmarks/devices.py`. SCRIPT gives `Seq2Seq`, `fit_tokenizer`, `read_pairs` and
`batches`; the loop here is its own, moved to the device.
"""

import argparse
import importlib.util
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import nn

_PAD, _VOCABULARY, _BATCH_TOKENS = 0, 8000, 3072


def load(path: Path) -> Any:
    """The reference as a module."""
    spec = importlib.util.spec_from_file_location("reference", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path}: not a Python script")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Take steps and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--warm-up", type=int, default=20)
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":
        print("PyTorch sees no GPU: these are the figures of the processor")
    torch.manual_seed(0)
    reference = load(options.script)
    texts = reference.read_pairs(options.pairs)
    tokenizer = reference.fit_tokenizer(texts, _VOCABULARY)
    pairs = [(tokenizer.encode(prompt), tokenizer.encode(reply)) for prompt, reply in texts]
    model = reference.Seq2Seq(tokenizer.get_piece_size()).to(device)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def step(batch: Any) -> float:
        source, decoder_input, target = batch
        real = target != _PAD
        lengths = (source != _PAD).sum(1)  # of the processor, where packing wants them
        source, decoder_input, target, real = (side.to(device) for side in (source, decoder_input, target, real))
        optimizer.zero_grad()
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            logits = model(source, lengths, decoder_input, real)
            loss = nn.functional.cross_entropy(logits.float(), target[real])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()  # waits for the device
        return float(real.sum())

    times, tokens = [], []
    for batch in reference.batches(pairs, _BATCH_TOKENS, np.random.default_rng(0)):
        started = time.perf_counter()
        tokens.append(step(batch))
        times.append(time.perf_counter() - started)
        if len(times) == options.warm_up + options.steps:
            break
    times, tokens = times[options.warm_up :], tokens[options.warm_up :]
    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    print(f"PyTorch, {'bfloat16' if device == 'cuda' else 'float32'}, {name}: {len(times)} steps, ", end="")
    print(f"median {1000 * median(times):.1f} ms, {sum(tokens) / len(tokens):,.0f} reply tokens each, ", end="")
    print(f"{sum(tokens) / sum(times):,.0f} reply tokens/s")


if __name__ == "__main__":
    main()
