#!/usr/bin/env python3
"""Makes reference.safetensors beside this file: needs numpy, safetensors, torch, transformers.

The network of the preset paper, its inversion loss with a backbone of every family and three steps of Adam, computed by PyTorch in float64.
Weights, input and targets follow a formula that the test repeats exactly; so the file holds results only.
"""
import json
import math
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
import transformers
from safetensors.numpy import load_file, save_file

HERE = Path(__file__).parent
REPO = HERE.parents[4]
CHANNELS, KERNELS = (16, 32, 64, 128, 128, 128), (7, 7, 5, 5, 3, 3)
SKIP, INPUTS = 4, 32
torch.set_default_dtype(torch.float64)


def pattern(count, tensor):
    """Numbers in -1..1; the float32 that Java has."""
    low = numpy.uint64(0xFFFFFFFF)
    h = (numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(1 + tensor * 1000003)) * numpy.uint64(2654435761) & low
    h = (h ^ h >> numpy.uint64(15)) * numpy.uint64(2246822519) & low
    h ^= h >> numpy.uint64(13)
    return (h.astype("float64") / 2**31 - 1).astype("float32").astype("float64")


class Unit(torch.nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__()
        self.kernel = torch.nn.Conv2d(
            inputs, outputs, kernel, stride, kernel // 2, bias=False, padding_mode="reflect" if kernel > 1 else "zeros")
        self.norm = torch.nn.BatchNorm2d(outputs, track_running_stats=False)

    def forward(self, x):
        return F.leaky_relu(self.norm(self.kernel(x)), 0.2)

    def named(self, name):
        return {f"{name}.kernel": self.kernel.weight, f"{name}.scale": self.norm.weight, f"{name}.offset": self.norm.bias}


class Level(torch.nn.Module):
    def __init__(self, i, inputs):
        super().__init__()
        out, kernel, last = CHANNELS[i], KERNELS[i], i + 1 == len(CHANNELS)
        self.i = i
        self.skip, self.down = Unit(inputs, SKIP, 1), Unit(inputs, out, kernel, 2)
        self.deep = Unit(out, out, kernel)
        self.next = None if last else Level(i + 1, out)
        joined = SKIP + (out if last else CHANNELS[i + 1])
        self.join = torch.nn.BatchNorm2d(joined, track_running_stats=False)
        self.merge, self.mix = Unit(joined, out, kernel), Unit(out, out, 1)

    def forward(self, x):
        deep = self.deep(self.down(x))
        if self.next is not None:
            deep = self.next(deep)
        up = F.interpolate(deep, size=x.shape[2:], mode="bilinear", align_corners=False)
        return self.mix(self.merge(self.join(torch.cat((self.skip(x), up), 1))))

    def named(self):
        i, named = self.i, {}
        for name in ("skip", "down", "deep"):
            named |= getattr(self, name).named(f"{i}.{name}")
        named |= {f"{i}.join.scale": self.join.weight, f"{i}.join.offset": self.join.bias}
        for name in ("merge", "mix"):
            named |= getattr(self, name).named(f"{i}.{name}")
        return named | (self.next.named() if self.next is not None else {})


class Network(torch.nn.Module):
    """Weights in the order of Java's, filled by the pattern."""

    def __init__(self):
        super().__init__()
        self.top, self.picture = Level(0, INPUTS), torch.nn.Conv2d(CHANNELS[0], 3, 1)
        self.ordered = self.top.named() | {"picture.kernel": self.picture.weight, "picture.bias": self.picture.bias}
        for t, (name, weight) in enumerate(self.ordered.items()):
            values = pattern(weight.numel(), t)
            if name.endswith(".kernel"):
                # As float32, as Java multiplies.
                bound = numpy.float32(1 / math.sqrt(weight[0].numel()))
                values = (values.astype("float32") * bound).astype("float64")
            else:
                values = (numpy.float32(name.endswith("scale")) + values.astype("float32") * numpy.float32(0.125)).astype("float64")
            weight.data = torch.tensor(values).reshape(weight.shape)

    def forward(self, z):
        return torch.sigmoid(self.picture(self.top(z)))


class EfficientNetLite:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.weights = {n: torch.tensor(w.astype("float64")) for n, w in load_file(folder / "model.safetensors").items()}

    def convolve(self, x, name, stride=1, groups=1, activate=True):
        weight = self.weights[name + ".weight"]
        pads = []
        for side in (x.shape[3], x.shape[2]):
            total = max((math.ceil(side / stride) - 1) * stride + weight.shape[2] - side, 0)
            pads += [total // 2, total - total // 2]
        x = F.conv2d(F.pad(x, pads), weight, self.weights[name + ".bias"], stride, groups=groups)
        return F.relu6(x) if activate else x

    def __call__(self, x):
        for layer in self.config["layers"]:
            name = layer["name"]
            if layer["type"] == "conv":
                x = self.convolve(x, name, layer["stride"])
            elif layer["type"] == "inverted_residual":
                opening = x
                if layer["expansion"] != 1:
                    x = self.convolve(x, name + ".expand")
                x = self.convolve(x, name + ".depthwise", layer["stride"], x.shape[1])
                x = self.convolve(x, name + ".project", activate=False)
                x = x + opening if layer["residual"] else x
        return x.mean((2, 3))


def transformer(name, kind):
    folder = REPO / "lib/models/src/test/resources/backbones" / name
    model = kind.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").eval().requires_grad_(False)
    config = json.loads((folder / "preprocessor_config.json").read_text())
    mean, std = (torch.tensor(config[n]).reshape(1, 3, 1, 1) for n in ("image_mean", "image_std"))

    def embed(picture):
        options = {} if name.startswith("dinov2") else {"interpolate_pos_encoding": True}
        out = model(pixel_values=(picture - mean) / std, **options)
        if name == "clip":
            return out.image_embeds
        return out.pooler_output if name == "siglip" else out.last_hidden_state[:, 0]

    return embed


lite = EfficientNetLite(REPO / "examples/backbones/efficientnet-lite0")
FAMILIES = {
    "vit": (transformer("vit", transformers.ViTModel), 144),
    "dino": (transformer("dino", transformers.ViTModel), 144),
    "dinov2": (transformer("dinov2", transformers.Dinov2Model), 140),
    "dinov2-registers": (transformer("dinov2-registers", transformers.Dinov2WithRegistersModel), 140),
    "clip": (transformer("clip", transformers.CLIPVisionModelWithProjection), 140),
    "siglip": (transformer("siglip", transformers.SiglipVisionModel), 132),
    "efficientnet-lite0": (lambda picture: lite(picture * 255 / 128 - 0.9921875), 132),
}


def signal(size):
    return torch.tensor(pattern(INPUTS * size * size, 1001)).reshape(1, INPUTS, size, size)


results = {}
network = Network()
results["weights"] = numpy.array([sum(w.numel() for w in network.ordered.values())])
for size in (129, 70):
    picture = network(signal(size))
    results[f"picture.{size}"] = picture.detach().numpy().astype("float32")
    network.zero_grad()
    (picture * torch.tensor(pattern(3 * size * size, 1002)).reshape(picture.shape)).sum().backward()
    # One number for each weight tensor that every entry of its gradient has a say in.
    results[f"gradient.{size}"] = numpy.array(
        [float(w.grad.flatten() @ torch.tensor(pattern(w.numel(), 1003))) for w in network.ordered.values()])
    results[f"gradient_norm.{size}"] = numpy.array([float(w.grad.norm()) for w in network.ordered.values()])

for name, (embed, size) in FAMILIES.items():
    network = Network()
    z = signal(size)
    with torch.no_grad():
        width = embed(network(z)).shape[1]
    target = torch.tensor(pattern(width, 1004)).reshape(1, -1)
    mean = torch.tensor(pattern(width, 1005) * 0.125)
    std = torch.tensor(1 + pattern(width, 1006) * 0.5)
    adam = torch.optim.Adam(network.parameters(), lr=0.01)
    losses = []
    for step in range(3):
        adam.zero_grad()
        loss = 1 - F.cosine_similarity((embed(network(z)) - mean) / std, target).sum()
        loss.backward()
        if step == 0:
            results[f"{name}.gradient_norm"] = numpy.array([float(w.grad.norm()) for w in network.ordered.values()])
        adam.step()
        losses.append(float(loss.detach()))
    results[f"{name}.losses"] = numpy.array(losses)
    print(name, size, losses)

save_file(results, HERE / "reference.safetensors", {"made with": f"torch {torch.__version__}, transformers {transformers.__version__}"})
