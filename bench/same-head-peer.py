#!/usr/bin/env python3
"""A head of bench/SameHead.java, trained by PyTorch in float64 from start values that both read. First argument: a folder, second: epochs."""
import sys
import time

try:
    import torch
    from safetensors.torch import save_file
except ImportError:
    print("same-head-peer: skipped, there is no torch with safetensors in this Python")
    sys.exit(0)

folder, epochs = sys.argv[1], int(sys.argv[2])
n, d, hidden = 100, 384, 100
torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
x = torch.randn(n, d)
y = torch.arange(n).remainder(2)
head = torch.nn.Sequential(torch.nn.Linear(d, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 1, bias=False))
start = {name: value.clone() for name, value in head.state_dict().items()}
descent = torch.optim.SGD(head.parameters(), lr=0.01, weight_decay=0.08)
started = time.perf_counter()
for _ in range(epochs):
    descent.zero_grad()
    torch.nn.functional.binary_cross_entropy_with_logits(head(x)[:, 0], y.double()).backward()
    descent.step()
print(f"torch {torch.__version__}, {epochs} epochs in float64: {time.perf_counter() - started:.1f} s")
save_file({"x": x, "y": y, "epoch": torch.zeros(1, dtype=torch.int64), **start}, f"{folder}/start.safetensors")
save_file(head.state_dict(), f"{folder}/end.safetensors")
