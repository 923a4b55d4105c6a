#!/usr/bin/env python3
"""The loop of invert-service in PyTorch eager, for timing: the same painter, views, noise and Adam.

    inversion-peer.py BACKBONE_DIR [--preset fast] [--size 112] [--steps 60] [--threads 1]

Measures and prints seconds per step; makes no picture. BACKBONE_DIR holds a DINOv2 checkpoint in the Hugging Face layout.
Needs torch and numpy, which the product does not; says so and ends with 0 when they are absent.
"""
import argparse
import json
import math
import pathlib
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("inversion-peer: skipped, there is no torch in this Python")
    sys.exit(0)

CHANNELS = (16, 32, 64, 128, 128)
SKIP, INPUT = 4, 32


def load(path):
    """Reads a safetensors file of float32 or float16 tensors."""
    raw = pathlib.Path(path).read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:8 + length])
    header.pop("__metadata__", None)
    types = {"F32": torch.float32, "F16": torch.float16}
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        buffer = bytearray(raw[8 + length + start:8 + length + end])
        tensors[name] = torch.frombuffer(buffer, dtype=types[entry["dtype"]]).reshape(entry["shape"]).float()
    return tensors


class Dinov2:
    def __init__(self, folder, size):
        self.c = json.loads((pathlib.Path(folder) / "config.json").read_text())
        self.w = load(pathlib.Path(folder) / "model.safetensors")
        position = self.w["embeddings.position_embeddings"]
        side, grid = int(math.isqrt(position.shape[1] - 1)), size // self.c["patch_size"]
        patches = position[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
        patches = F.interpolate(patches, size=(grid, grid), mode="bicubic", align_corners=False)
        self.position = torch.cat((position[:, :1], patches.flatten(2).transpose(1, 2)), 1)
        self.width = position.shape[2]

    def linear(self, x, name):
        return F.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def norm(self, x, name):
        return F.layer_norm(x, (self.width,), self.w[name + ".weight"], self.w[name + ".bias"], 1e-6)

    def __call__(self, pixels):
        name = "embeddings.patch_embeddings.projection"
        x = F.conv2d(pixels, self.w[name + ".weight"], self.w[name + ".bias"], stride=self.c["patch_size"])
        x = torch.cat((self.w["embeddings.cls_token"], x.flatten(2).transpose(1, 2)), 1) + self.position
        heads = self.c["num_attention_heads"]
        for i in range(self.c["num_hidden_layers"]):
            at = f"encoder.layer.{i}."
            h = self.norm(x, at + "norm1")
            q, k, v = (
                self.linear(h, at + "attention.attention." + n).reshape(1, -1, heads, self.width // heads).transpose(1, 2)
                for n in ("query", "key", "value")
            )
            h = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(1, -1, self.width)
            x = x + self.linear(h, at + "attention.output.dense") * self.w[at + "layer_scale1.lambda1"]
            h = self.linear(F.gelu(self.linear(self.norm(x, at + "norm2"), at + "mlp.fc1")), at + "mlp.fc2")
            x = x + h * self.w[at + "layer_scale2.lambda1"]
        return self.norm(x, "layernorm")[:, 0]


class Unit(torch.nn.Module):
    """Convolution padded by reflection, normalisation, leaky ReLU."""

    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__()
        self.conv = torch.nn.Conv2d(
            inputs, outputs, kernel, stride, kernel // 2, bias=False, padding_mode="reflect" if kernel > 1 else "zeros")
        self.norm = torch.nn.BatchNorm2d(outputs, track_running_stats=False)

    def forward(self, x):
        return F.leaky_relu(self.norm(self.conv(x)), 0.2)


class Level(torch.nn.Module):
    def __init__(self, i, inputs):
        super().__init__()
        width = CHANNELS[i]
        self.skip, self.down, self.deep = Unit(inputs, SKIP, 1), Unit(inputs, width, 3, 2), Unit(width, width, 3)
        self.next = Level(i + 1, width) if i + 1 < len(CHANNELS) else None
        joined = SKIP + (CHANNELS[i + 1] if self.next else width)
        self.join = torch.nn.BatchNorm2d(joined, track_running_stats=False)
        self.merge, self.mix = Unit(joined, width, 3), Unit(width, width, 1)

    def forward(self, x):
        deep = self.deep(self.down(x))
        if self.next:
            deep = self.next(deep)
        deep = F.interpolate(deep, size=x.shape[2:], mode="bilinear", align_corners=False)
        return self.mix(self.merge(self.join(torch.cat((self.skip(x), deep), 1))))


class Network(torch.nn.Module):
    """Preset network: a skip network on a fixed input, noise added."""

    def __init__(self, size):
        super().__init__()
        self.layers = torch.nn.Sequential(Level(0, INPUT), torch.nn.Conv2d(CHANNELS[0], 3, 1), torch.nn.Sigmoid())
        self.z = torch.randn(1, INPUT, size, size)

    def forward(self):
        return self.layers(self.z + 0.3 * torch.randn_like(self.z))


class Pyramid(torch.nn.Module):
    """Preset fast: a sum of enlarged pictures."""

    def __init__(self, size):
        super().__init__()
        sides = []
        while not sides or sides[-1] > 2:
            sides.append((sides[-1] + 1) // 2 if sides else size)
        self.levels = torch.nn.ParameterList(torch.nn.Parameter(0.01 * torch.randn(1, 3, n, n)) for n in sides)
        shares = [size / 8 / n for n in sides]
        self.factors = [
            torch.tensor([s**0.8, s**0.8 * min(1, s) ** 2, s**0.8 * min(1, s) ** 2]).reshape(1, 3, 1, 1) for s in shares
        ]
        self.colours = torch.tensor([[0.87, 0.30, 0.07], [0.90, 0.0, -0.17], [0.90, -0.30, 0.10]])
        self.size = size

    def forward(self):
        parts = (
            F.interpolate(w * factor, size=(self.size, self.size), mode="bilinear")
            for w, factor in zip(self.levels, self.factors)
        )
        return torch.sigmoid(torch.einsum("ck,bkij->bcij", self.colours, sum(parts)))


def penalty(picture):
    """Of preset fast: grey, contrast and grain."""
    grey = (picture - picture.mean(1, keepdim=True)).square().mean()
    beyond = F.relu(torch.log(picture / (1 - picture)).abs() - 2)
    grain = picture.diff(dim=3).square().mean() + picture.diff(dim=2).square().mean()
    return 3 * grey + 0.1 * beyond.square().mean() + 20 * grain


def view(picture, shift=8.0, change=0.15, noise=0.05):
    """Resize, then crop or mirror at a random place; pixel noise."""
    size = picture.shape[-1]
    scaled = round(size * (1 + change * (2 * torch.rand(()).item() - 1)))
    x = F.interpolate(picture, size=(scaled, scaled), mode="bilinear", align_corners=False)
    dy, dx = ((size - scaled) // 2 + int(shift * (2 * torch.rand(()).item() - 1)) for _ in range(2))
    x = F.pad(x, (max(0, dx), max(0, size - scaled - dx), max(0, dy), max(0, size - scaled - dy)), mode="reflect")
    x = x[..., max(0, -dy):max(0, -dy) + size, max(0, -dx):max(0, -dx) + size]
    return x + noise * torch.randn_like(x)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder")
    options.add_argument("--preset", choices=("fast", "network"), default="fast")
    options.add_argument("--size", type=int, default=112)
    options.add_argument("--steps", type=int, default=60)
    options.add_argument("--threads", type=int, default=1)
    options = options.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    backbone = Dinov2(options.folder, options.size)
    fast = options.preset == "fast"
    painter = (Pyramid if fast else Network)(options.size)
    x = F.normalize(torch.randn(1, backbone.width), dim=1)
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    adam = torch.optim.Adam(painter.parameters(), lr=0.05 if fast else 0.01)
    start = 0.0
    for step in range(-10, options.steps):
        if step == 0:
            start = time.perf_counter()
        adam.zero_grad()
        picture = painter()
        loss = 1 - F.cosine_similarity(backbone((view(picture) - mean) / std), x).sum()
        (loss + penalty(picture) if fast else loss).backward()
        adam.step()
    seconds = (time.perf_counter() - start) / options.steps
    print(f"torch {torch.__version__}, {options.preset}, {options.threads} thread(s), {options.size} px: {seconds * 1e3:.1f} ms a step")


if __name__ == "__main__":
    main()
