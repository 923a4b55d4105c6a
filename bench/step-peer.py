#!/usr/bin/env python3
"""One step of the predecessors' algorithm on the shapes of bench/StepSpeed.java. Arguments: folder of reference_attack.py, threads."""
import sys
import time

try:
    import torch

    sys.path.insert(0, sys.argv[1])
    from reference_attack import loss_fn
except ImportError as missing:
    print(f"step-peer: skipped, there is no {missing.name} in this Python or beside it")
    sys.exit(0)

H, M, D, SECONDS = 500, 200, 768, 4
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(1)
hp = dict(alpha=100.0, lambda_min=0.1)
for dtype in (torch.float64, torch.float32):
    for outputs in (1, 10):
        parameters = [(0.05 * torch.randn(*shape, dtype=dtype)).requires_grad_() for shape in ((H, D), (H,), (outputs, H))]
        x = (0.05 * torch.randn(M, D, dtype=dtype)).requires_grad_()
        l = torch.rand(M, 1, dtype=dtype).requires_grad_()
        y = torch.ones(M, 1, dtype=dtype) if outputs == 1 else (torch.arange(M) % outputs)[:, None]
        optimisers = [torch.optim.SGD([x], lr=1e-4, momentum=0.9), torch.optim.SGD([l], lr=1e-4, momentum=0.9)]

        def step():
            _, loss = loss_fn(x, l, y, parameters, hp, M)
            x.grad, l.grad = torch.autograd.grad(loss, (x, l))
            for optimiser in optimisers:
                optimiser.step()

        for _ in range(5):
            step()
        steps, processor, start = 0, time.process_time(), time.perf_counter()
        while time.perf_counter() - start < SECONDS or steps < 5:
            step()
            steps += 1
        wall, cpu = (time.perf_counter() - start) / steps, (time.process_time() - processor) / steps
        print(f"peer, torch {torch.__version__}, {str(dtype)[6:]}, {D}-{H}-{outputs}, m = {M}: {wall * 1e3:.2f} ms a step ({cpu * 1e3:.2f} ms of processor time)")
