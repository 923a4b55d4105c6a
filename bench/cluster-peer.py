#!/usr/bin/env python3
"""scikit-learn's average linkage on the points of bench/ClusterSpeed.java, for timing and for its labels. Arguments: file, how many points."""
import resource
import sys
import time

try:
    import numpy
    import sklearn
    from safetensors.numpy import load_file
    from sklearn.cluster import AgglomerativeClustering
except ImportError as missing:
    print(f"cluster-peer: skipped, there is no {missing.name} in this Python")
    sys.exit(0)

file, n = sys.argv[1], int(sys.argv[2])
points = load_file(file)["points"][:n].astype(numpy.float64)
processor, start = time.process_time(), time.perf_counter()
labels = AgglomerativeClustering(
    n_clusters=None, metric="cosine", linkage="average", distance_threshold=0.1
).fit_predict(points)
seconds, processor = time.perf_counter() - start, time.process_time() - processor
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
_, numbered, order = numpy.unique(labels, return_index=True, return_inverse=True)
ours = load_file(file + ".labels")["labels"][:n]
same = numpy.array_equal(numpy.argsort(numpy.argsort(numbered))[order], ours)
print(f"scikit-learn {sklearn.__version__}: {n} points in {seconds:.1f} s ({processor:.1f} s of processor time), {peak} MiB, the same partition: {same}")
