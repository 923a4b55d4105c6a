#!/usr/bin/env python3
"""Reference numbers for the test of PaperTrials: the published attack by differentiating twice, in PyTorch and float64.

    paper-trial-reference.py [FOLDER]      default: reconstruct-service/src/test/resources/paper-trial

Writes small random heads, one a file (binary and multiclass; deeper ones, other activations, without biases, and general losses, which
have a multiplier of either sign for every output), a start, and where 100 steps lead from there. Needs torch and safetensors. Where
../shared/bench/peer is beside the repository, its loss and gradients are compared first.
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


def activated(z, activation, alpha):
    if activation == "relu":
        return gate(z, alpha)
    return torch.nn.functional.gelu(z) if activation == "gelu" else z.tanh()


def logits_of(x, layers, activation, alpha):
    """layers: pairs of a weight and a bias or None."""
    for k, (weight, bias) in enumerate(layers):
        x = x @ weight.T if bias is None else x @ weight.T + bias
        if k + 1 < len(layers):
            x = activated(x, activation, alpha)
    return x


def losses(x, multipliers, label, layers, activation, alpha, lambda_min):
    """Squared residual of stationarity, and that with the term of lambda_min; multipliers [m], or [m, C] for a general loss."""
    parameters = [p for layer in layers for p in layer if p is not None]
    logits = logits_of(x, layers, activation, alpha)
    outputs = logits.shape[1]
    if multipliers.dim() == 2:
        weighted = (multipliers * logits).sum()
    elif outputs == 1:
        weighted = (multipliers * logits[:, 0] * (2 * label - 1)).sum()
    else:
        mine = torch.nn.functional.one_hot(label, outputs).bool()
        weighted = (multipliers * (logits[mine] - logits.masked_fill(mine, -torch.inf).amax(1))).sum()
    explained = torch.autograd.grad(weighted / len(x), parameters, create_graph=True)
    residual = sum((p.detach() - q).square().sum() for p, q in zip(parameters, explained))
    if multipliers.dim() == 2:
        return residual, residual
    return residual, residual + 5 * (lambda_min - multipliers).relu().square().sum()


def agrees_with_peer(x, multipliers, label, layers, activation, alpha, lambda_min):
    if len(layers) > 2 or activation != "relu" or multipliers.dim() == 2 or layers[0][1] is None:
        return "has no such case"
    if not (PEER / "reference_attack.py").exists():
        return "not there"
    sys.path.insert(0, str(PEER))
    from reference_attack import loss_fn

    head = [p for layer in layers for p in layer if p is not None]
    column = multipliers.detach()[:, None].requires_grad_()
    y = (2 * label - 1)[:, None].double() if len(head[2]) == 1 else label[:, None]
    peer_residual, peer_loss = loss_fn(x, column, y, head, {"alpha": alpha, "lambda_min": lambda_min}, len(x))
    residual, loss = losses(x, multipliers, label, layers, activation, alpha, lambda_min)
    torch.testing.assert_close(residual, peer_residual, rtol=1e-12, atol=0)
    ours, theirs = torch.autograd.grad(loss, (x, multipliers)), torch.autograd.grad(peer_loss, (x, column))
    torch.testing.assert_close(ours[0], theirs[0], rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(ours[1], theirs[1][:, 0], rtol=1e-10, atol=1e-13)
    return "agrees"


def case(name, widths, biases, folder, activation="relu", free=False, rate=0.02, multiplier_rate=0.01):
    """widths of the layers' outputs; biases: whether each layer has one."""
    outputs = widths[-1]
    torch.manual_seed(outputs)
    real = {"dtype": torch.float64}
    layers, scales = [], [0.3] + [0.5] * (len(widths) - 1)
    for k, width in enumerate(widths):
        weight = torch.randn(width, widths[k - 1] if k else INPUTS, **real) * scales[k]
        layers.append((weight, torch.randn(width, **real) * (0.2 if k + 1 == len(widths) else 0.3) if biases[k] else None))
    head = [p for layer in layers for p in layer if p is not None]
    for p in head:
        p.requires_grad_()
    alpha, sigma, lambda_min = 20.0, 0.05, 0.3
    label = torch.arange(CANDIDATES) % max(2, outputs)
    x = (torch.randn(CANDIDATES, INPUTS, **real) * sigma).requires_grad_()
    multipliers = (torch.randn(CANDIDATES, outputs, **real) if free else torch.rand(CANDIDATES, **real)).requires_grad_()
    saved = {}
    for k, layer in enumerate(layers):
        saved |= {f"{2 * k}.{what}": p.detach() for what, p in zip(("weight", "bias"), layer) if p is not None}
    saved["setting"] = torch.tensor([rate, multiplier_rate, alpha, sigma, lambda_min], **real)
    saved["start.x"], saved["start.l"] = x.detach().clone(), multipliers.detach().clone()
    peer = agrees_with_peer(x, multipliers, label, layers, activation, alpha, lambda_min)
    descents = [torch.optim.SGD([x], lr=rate, momentum=MOMENTUM), torch.optim.SGD([multipliers], lr=multiplier_rate, momentum=MOMENTUM)]
    history = []
    for _ in range(STEPS):
        residual, loss = losses(x, multipliers, label, layers, activation, alpha, lambda_min)
        x.grad, multipliers.grad = torch.autograd.grad(loss, (x, multipliers))
        for descent in descents:
            descent.step()
        history.append(float(residual.detach()))
    saved["end.x"], saved["end.l"] = x.detach().clone(), multipliers.detach().clone()
    for key, p, descent in zip(("end.velocityX", "end.velocityL"), (x, multipliers), descents):
        saved[key] = descent.state[p]["momentum_buffer"].clone()
    saved["end.residual"] = torch.tensor([history[-1] / sum(float(p.detach().square().sum()) for p in head)], **real)
    save_file({key: t.contiguous() for key, t in saved.items()}, folder / f"{name}.safetensors", metadata={"activation": activation})
    print(f"{name}: residual {history[0]:.4f} to {history[-1]:.4f}, x {saved['start.x'].norm():.3f} to {saved['end.x'].norm():.3f},"
          f" multipliers {saved['end.l'].min():.3f} to {saved['end.l'].max():.3f}, peer {peer}")


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY / "reconstruct-service/src/test/resources/paper-trial"
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    case("binary", [HIDDEN, 1], [True, False], folder)
    case("multiclass", [HIDDEN, 4], [True, True], folder)
    case("deep", [HIDDEN, 15, 1], [True, True, True], folder, rate=0.005)
    case("deep-multiclass-no-bias", [HIDDEN, 15, 10, 4], [False, False, False, False], folder, rate=0.002, multiplier_rate=0.005)
    case("gelu", [HIDDEN, 4], [True, True], folder, activation="gelu")
    case("deep-tanh", [HIDDEN, 15, 1], [True, False, True], folder, activation="tanh", rate=0.005)
    case("free", [HIDDEN, 1], [True, True], folder, free=True)
    case("free-multiclass", [HIDDEN, 4], [True, True], folder, free=True)


if __name__ == "__main__":
    main()
