#!/usr/bin/env python3
"""The network of bench/BackboneSpeed.java in PyTorch transformers, for timing. Arguments: folder, threads, batch sizes."""
import sys
import time

try:
    import torch
    import transformers
except ImportError as missing:
    print(f"backbone-peer: skipped, there is no {missing.name} in this Python")
    sys.exit(0)

SECONDS = 10
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
folder, threads, batches = sys.argv[1], int(sys.argv[2]), [int(batch) for batch in sys.argv[3:]]
torch.set_num_threads(threads)
start = time.perf_counter()
model = transformers.ViTModel.from_pretrained(folder, add_pooling_layer=False).eval()
line = f"torch {torch.__version__}, transformers {transformers.__version__}, {threads} thread(s): "
line += f"opened in {time.perf_counter() - start:.2f} s"
for batch in batches:
    pixels = torch.rand(batch, 3, 224, 224) * 2 - 1
    rounds = 0
    with torch.inference_mode():
        for _ in range(2):
            model(pixel_values=pixels)
        processor, start = time.process_time(), time.perf_counter()
        while time.perf_counter() - start < SECONDS:
            model(pixel_values=pixels).last_hidden_state[:, 0].numpy()
            rounds += 1
    line += f", batch {batch}: {rounds * batch / (time.perf_counter() - start):.2f} images/s"
    line += f" ({(time.process_time() - processor) * 1000 / rounds / batch:.0f} ms of processor time each)"
print(line)
