#!/usr/bin/env python3
"""Reference numbers for the test of PaperTrial: the published attack by differentiating twice, in PyTorch and float64.

    paper-trial-reference.py [FOLDER]      default: reconstruct-service/src/test/resources/paper-trial

Writes binary.safetensors and multiclass.safetensors: a small random head, a start, and where 100 steps lead from there. Needs torch and
safetensors. Where ../shared/bench/peer is beside the repository, its loss and gradients are compared first.
"""
import pathlib
import sys

import torch
from safetensors.torch import save_file

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
PEER = REPOSITORY.parent / "shared" / "bench" / "peer"
STEPS, MOMENTUM = 100, 0.9
INPUTS, HIDDEN, CANDIDATES = 12, 20, 10


def gate(z, alpha):
    """The value of ReLU with the slope sigmoid(alpha z), as often as it is differentiated."""
    smooth = torch.nn.functional.softplus(z * alpha, threshold=500) / alpha
    return z.relu().detach() + smooth - smooth.detach()


def losses(x, multipliers, label, head, alpha, lambda_min):
    """Squared residual of stationarity, and that with the term of lambda_min."""
    w, b, v, *c = head
    logits = gate(x @ w.T + b, alpha) @ v.T
    if c:
        logits = logits + c[0]
    if len(v) == 1:
        margin = logits[:, 0] * (2 * label - 1)
    else:
        mine = torch.nn.functional.one_hot(label, len(v)).bool()
        margin = logits[mine] - logits.masked_fill(mine, -torch.inf).amax(1)
    explained = torch.autograd.grad((multipliers * margin).sum() / len(x), head, create_graph=True)
    residual = sum((p.detach() - q).square().sum() for p, q in zip(head, explained))
    return residual, residual + 5 * (lambda_min - multipliers).relu().square().sum()


def agrees_with_peer(x, multipliers, label, head, alpha, lambda_min):
    if not (PEER / "reference_attack.py").exists():
        return "not there"
    sys.path.insert(0, str(PEER))
    from reference_attack import loss_fn

    column = multipliers.detach()[:, None].requires_grad_()
    y = (2 * label - 1)[:, None].double() if len(head[2]) == 1 else label[:, None]
    peer_residual, peer_loss = loss_fn(x, column, y, head, {"alpha": alpha, "lambda_min": lambda_min}, len(x))
    residual, loss = losses(x, multipliers, label, head, alpha, lambda_min)
    torch.testing.assert_close(residual, peer_residual, rtol=1e-12, atol=0)
    ours, theirs = torch.autograd.grad(loss, (x, multipliers)), torch.autograd.grad(peer_loss, (x, column))
    torch.testing.assert_close(ours[0], theirs[0], rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(ours[1], theirs[1][:, 0], rtol=1e-10, atol=1e-13)
    return "agrees"


def case(name, outputs, with_bias, rate, multiplier_rate, folder):
    torch.manual_seed(outputs)
    real = {"dtype": torch.float64}
    head = [torch.randn(HIDDEN, INPUTS, **real) * 0.3, torch.randn(HIDDEN, **real) * 0.3, torch.randn(outputs, HIDDEN, **real) * 0.5]
    if with_bias:
        head.append(torch.randn(outputs, **real) * 0.2)
    for p in head:
        p.requires_grad_()
    alpha, sigma, lambda_min = 20.0, 0.05, 0.3
    label = torch.arange(CANDIDATES) % max(2, outputs)
    x = (torch.randn(CANDIDATES, INPUTS, **real) * sigma).requires_grad_()
    multipliers = torch.rand(CANDIDATES, **real).requires_grad_()
    saved = dict(zip(("0.weight", "0.bias", "2.weight", "2.bias"), (p.detach() for p in head)))
    saved["setting"] = torch.tensor([rate, multiplier_rate, alpha, sigma, lambda_min], **real)
    saved["start.x"], saved["start.l"] = x.detach().clone(), multipliers.detach().clone()
    peer = agrees_with_peer(x, multipliers, label, head, alpha, lambda_min)
    descents = [torch.optim.SGD([x], lr=rate, momentum=MOMENTUM), torch.optim.SGD([multipliers], lr=multiplier_rate, momentum=MOMENTUM)]
    history = []
    for _ in range(STEPS):
        residual, loss = losses(x, multipliers, label, head, alpha, lambda_min)
        x.grad, multipliers.grad = torch.autograd.grad(loss, (x, multipliers))
        for descent in descents:
            descent.step()
        history.append(float(residual.detach()))
    saved["end.x"], saved["end.l"] = x.detach().clone(), multipliers.detach().clone()
    for key, p, descent in zip(("end.velocityX", "end.velocityL"), (x, multipliers), descents):
        saved[key] = descent.state[p]["momentum_buffer"].clone()
    saved["end.residual"] = torch.tensor([history[-1] / sum(float(p.detach().square().sum()) for p in head)], **real)
    save_file({key: t.contiguous() for key, t in saved.items()}, folder / f"{name}.safetensors")
    print(f"{name}: residual {history[0]:.4f} to {history[-1]:.4f}, x {saved['start.x'].norm():.3f} to {saved['end.x'].norm():.3f},"
          f" multipliers {saved['end.l'].min():.3f} to {saved['end.l'].max():.3f}, peer {peer}")


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY / "reconstruct-service/src/test/resources/paper-trial"
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    case("binary", 1, False, 0.02, 0.01, folder)
    case("multiclass", 4, True, 0.02, 0.01, folder)


if __name__ == "__main__":
    main()
