#!/usr/bin/env python3
"""The training of bench/TrainHead.java in PyTorch eager, for timing. First argument: threads."""
import sys
import time

try:
    import torch
except ImportError:
    print("train-peer: skipped, there is no torch in this Python")
    sys.exit(0)

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
torch.set_num_threads(threads)
torch.manual_seed(1)
x = torch.rand(100, 1024) * 3.4 - 1.7
y = torch.randint(0, 2, (100, 1)).float()
head = torch.nn.Sequential(torch.nn.Linear(1024, 500), torch.nn.ReLU(), torch.nn.Linear(500, 1, bias=False))
descent = torch.optim.SGD(head.parameters(), lr=0.01, weight_decay=0.08)
start = time.perf_counter()
for _ in range(10_000):
    descent.zero_grad()
    torch.nn.functional.binary_cross_entropy_with_logits(head(x), y).backward()
    descent.step()
print(f"torch {torch.__version__} eager, {threads} thread(s): {time.perf_counter() - start:.1f} s")
