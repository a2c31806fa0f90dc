"""Trains the pocket model on the documents of `npm run pocket:data`. See README.md. Stop it at any time; it goes on where it was."""

import argparse
import json
import math
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from model import Pocket, Reader, Shape

NO_LABEL = 0xFFFF
WEIGHT_UNIT = 4
END = 2
FIRST_RATING_WEIGHT = 12  # as documents.ts weighs it


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("pocket-data"))
    parser.add_argument("--out", type=Path, default=Path("pocket-data/model"))
    parser.add_argument("--tokens", type=float, default=40e6, help="to train on in all")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which it stops; call again to go on")
    parser.add_argument("--rate", type=float, default=4e-3, help="highest learning rate")
    parser.add_argument("--cooldown", type=float, default=0.35, help="last share of training in which the rate falls to 0")
    parser.add_argument("--read-after", type=int, default=4, help="layers after which the reader looks")
    parser.add_argument("--read-weight", type=float, default=0.25, help="of the reader's loss")
    parser.add_argument("--batch", type=int, default=6144, help="tokens a step, in two halves")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


class Documents:
    """Documents in batches of like length, in an order that a seed and a step decide."""

    def __init__(self, folder: Path, batch: int, seed: int):
        self.ids = np.fromfile(folder / "ids.u16", np.uint16)
        self.labels = np.fromfile(folder / "labels.u16", np.uint16)
        self.weights = np.fromfile(folder / "weights.u8", np.uint8)
        self.starts = np.fromfile(folder / "starts.u32", np.uint32).astype(np.int64)
        self.groups = {name: len(bits) for name, bits in json.loads((folder / "marks.json").read_text()).items()}
        marks = np.fromfile(folder / "marks.u32", np.uint32).reshape(-1, 3)
        self.marks = marks.astype(np.int64)
        self.first_mark = np.searchsorted(self.marks[:, 0], self.starts)
        self.batch, self.seed = batch, seed

    def micro_batches(self, skip: int):
        """Yields (ids, labels, weights, marks, tokens) without end, after the first `skip`."""
        at = 0
        epoch = 0
        while True:
            for group in self._groups(np.random.default_rng([self.seed, epoch])):
                at += 1
                if at > skip:
                    yield self._padded(group)
            epoch += 1

    def _groups(self, rng: np.random.Generator):
        lengths = np.diff(self.starts)
        order = rng.permutation(len(lengths))
        for pool in np.array_split(order, max(1, len(order) // 4096)):
            pool = pool[np.argsort(lengths[pool], kind="stable")]
            groups, group, longest = [], [], 0
            for i in pool:
                padded = (lengths[i] + 15) // 16 * 16
                if group and max(longest, padded) * (len(group) + 1) > self.batch // 2:
                    groups.append(group)
                    group, longest = [], 0
                group.append(i)
                longest = max(longest, padded)
            groups.append(group)
            yield from (groups[i] for i in rng.permutation(len(groups)))

    def _padded(self, group):
        lengths = [self.starts[i + 1] - self.starts[i] for i in group]
        size = (len(group), int((max(lengths) + 15) // 16 * 16))
        ids, labels = np.zeros(size, np.int64), np.zeros(size, np.int64)
        weights = np.zeros(size, np.float32)
        for row, i in enumerate(group):
            part = slice(self.starts[i], self.starts[i + 1])
            n = part.stop - part.start
            ids[row, :n] = self.ids[part]
            learned = self.labels[part] != NO_LABEL
            labels[row, :n] = np.where(learned, self.labels[part], 0)
            weights[row, :n] = self.weights[part] * learned / WEIGHT_UNIT
        arrays = (ids, labels, weights, self._marks(group, size[1]))
        return *(torch.from_numpy(array) for array in arrays), int(sum(lengths))

    def _marks(self, group, width: int):
        """The marks of documents that are the rows of a batch. Returns marks, 3: place in the batch laid flat, group, bits."""
        rows = []
        for row, i in enumerate(group):
            own = self.marks[self.first_mark[i] : self.first_mark[i + 1]].copy()
            own[:, 0] += row * width - self.starts[i]
            rows.append(own)
        return np.concatenate(rows)


def orthogonal(update: torch.Tensor) -> torch.Tensor:
    """The nearest matrix with singular values near 1, by Newton and Schulz's iteration, in the update's own precision."""
    x = update / (update.norm() + 1e-7)
    is_tall = x.shape[0] > x.shape[1]
    x = x.T if is_tall else x
    for _ in range(4):
        gram = x @ x.T
        x = 3.4445 * x + (2.0315 * gram @ gram - 4.775 * gram) @ x
    return x.T if is_tall else x


class Muon(torch.optim.Optimizer):
    """
    Momentum, made orthogonal (Jordan et al., https://kellerjordan.github.io/posts/muon), with the scale of AdamW's updates. PyTorch's own
    computes in bfloat16, which takes seconds a step on processors without it.
    """

    def __init__(self, matrices, lr: float, momentum: float = 0.95, weight_decay: float = 0.05):
        super().__init__(matrices, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                kept = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                kept.lerp_(weight.grad, 1 - group["momentum"])
                update = orthogonal(weight.grad.lerp(kept, group["momentum"]))
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(update, alpha=-0.2 * group["lr"] * math.sqrt(max(weight.shape)))


def optimizers(model: Pocket, rate: float):
    """Muon for the matrices of the layers, AdamW for embeddings and norms."""
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and not n.startswith("token_embd")]
    others = [p for n, p in model.named_parameters() if p.dim() != 2 or n.startswith("token_embd")]
    return [
        Muon(matrices, lr=rate),
        torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.97), weight_decay=0.0),
    ]


def reading_loss(said: torch.Tensor, marks: torch.Tensor, sizes: list[int]) -> torch.Tensor:
    """Wrong bits (cross entropy, summed over a mark's group) a mark. said: marks, all bits; marks: as of `Documents`."""
    ends = torch.tensor(sizes, device=said.device).cumsum(0)
    bit = torch.arange(said.shape[1], device=said.device)
    group = torch.bucketize(bit, ends, right=True)
    starts = ends - torch.tensor(sizes, device=said.device)
    wanted = (marks[:, 2:] >> (bit - starts[group])) & 1
    each = F.binary_cross_entropy_with_logits(said.float(), wanted.float(), reduction="none")
    return (each * (group == marks[:, 1:2])).sum() / max(1, len(marks))


def share_of_rate(done: float, cooldown: float) -> float:
    """Rises in the first hundredth, holds, and falls to 0 in the last `cooldown`. `done`: 0 to 1."""
    return min(1.0, (done + 1e-4) / 0.01, max(0.0, 1 - done) / cooldown)


def save(path: Path, state: dict) -> None:
    """Writes beside and renames, so that a stop in the middle leaves the last one whole."""
    beside = path.with_suffix(".new")
    torch.save(state, beside)
    beside.replace(path)


def write_weights(model: Pocket, shape: Shape, folder: Path, about: dict) -> None:
    """The weights as float32 one after another, and an index of their names and shapes."""
    index, offset = [], 0
    with (folder / "weights.f32").open("wb") as file:
        for name, weight in model.state_dict().items():
            data = weight.detach().cpu().float().numpy()
            file.write(data.tobytes())
            index.append({"name": name, "shape": list(data.shape), "offset": offset})
            offset += data.nbytes
    (folder / "weights.json").write_text(json.dumps({"shape": asdict(shape), "tensors": index, **about}))


class Means:
    """Running means of what is watched; what is no number is left out."""

    def __init__(self):
        self.values: dict[str, float] = {}

    def add(self, **seen: float) -> None:
        for name, value in seen.items():
            if not math.isnan(value):
                self.values[name] = 0.99 * self.values.get(name, value) + 0.01 * value

    def __str__(self) -> str:
        return "  ".join(f"{name} {value:.4f}" for name, value in self.values.items())


def main() -> None:
    options = arguments()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    options.out.mkdir(parents=True, exist_ok=True)
    vocabulary = len(json.loads((options.data / "vocabulary.json").read_text())["tokens"])
    shape = Shape(vocabulary=vocabulary)
    model = Pocket(shape).to(device)
    batches = Documents(options.data, options.batch, options.seed)
    sizes = list(batches.groups.values())
    reader = Reader(shape.dim, sum(sizes), shape.epsilon).to(device)
    steppers = [*optimizers(model, options.rate), torch.optim.AdamW(reader.parameters(), lr=options.rate)]
    checkpoint = options.out / "checkpoint.pt"
    step = tokens = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=False)
        model.load_state_dict(state["model"])
        reader.load_state_dict(state["reader"])
        for stepper, kept in zip(steppers, state["steppers"]):
            stepper.load_state_dict(kept)
        step, tokens = state["step"], state["tokens"]
        print(f"going on at step {step}, {tokens / 1e6:.1f} M tokens", flush=True)

    def state() -> dict:
        return {
            "model": model.state_dict(),
            "reader": reader.state_dict(),
            "steppers": [s.state_dict() for s in steppers],
            "step": step,
            "tokens": tokens,
        }

    hidden = torch.compile(model.hidden, dynamic=True)
    drawn = batches.micro_batches(skip=2 * step)
    began = saved = time.time()
    new_tokens = 0
    means = Means()
    while tokens < options.tokens and time.time() - began < options.minutes * 60:
        rate = options.rate * share_of_rate(tokens / options.tokens, options.cooldown)
        for stepper in steppers:
            for group in stepper.param_groups:
                group["lr"] = rate
        halves = [next(drawn) for _ in range(2)]
        weight = sum(float(half[2].sum()) for half in halves)
        for ids, labels, weights, marks, count in halves:
            ids, labels, weights, marks = (x.to(device) for x in (ids, labels, weights, marks))
            chosen = weights > 0
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                last, middle = hidden(ids, options.read_after)
                logits = model.logits(last[chosen]).float()
                read = reader(middle.flatten(0, 1)[marks[:, 0]])
            label, own = labels[chosen], weights[chosen]
            loss = (F.cross_entropy(logits, label, reduction="none") * own).sum() / weight
            reading = reading_loss(read, marks, sizes)
            (loss + options.read_weight / 2 * reading).backward()
            ratings = (own == FIRST_RATING_WEIGHT) & (label != END)
            right = (logits[ratings].argmax(-1) == label[ratings]).float().mean()
            means.add(loss=2 * loss.item(), reading=reading.item(), ratings=right.item())
            tokens += count
            new_tokens += count
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad(set_to_none=True)
        step += 1
        if step % 50 == 0:
            speed = new_tokens / (time.time() - began)
            print(f"step {step}  {tokens / 1e6:.2f} M tokens  {means}  rate {rate:.2e}  {speed:.0f} tokens/s", flush=True)
        if time.time() - saved > 120:
            save(checkpoint, state())
            write_weights(model, shape, options.out, {"tokens": tokens})
            saved = time.time()
    save(checkpoint, state())
    write_weights(model, shape, options.out, {"tokens": tokens})
    print(f"{'done' if tokens >= options.tokens else 'stopped'} at step {step}, {tokens / 1e6:.1f} M tokens, {options.out}", flush=True)


if __name__ == "__main__":
    main()
