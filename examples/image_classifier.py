"""Image classifier, 4096-8-1: which of two photographs is a patch of 64 × 64 grey pixels cut from?

209 patches train it, cut at random from the left seven tenths of scikit-learn's two bundled photographs (a Chinese
temple, a flower); 200 from the right three tenths, which no training patch touches, test it. Every pixel is
standardised by its mean and deviation over the training patches, the weights start small and random (0.01) and the
biases at 0; ReLU in the hidden layer, sigmoid and binary cross-entropy at the output (as one, from the logit), full
batches: the network of the source articles, in 32,785 scalar parameters.

    python examples/image_classifier.py
"""

from __future__ import annotations

from typing import Any

import nn

SIDE, TRAINING, TEST = 64, 209, 200
SEEN = 0.7
"""The training patches lie within this part of a photograph's width, the test patches within the rest."""


def patches(seed: int = 0) -> tuple[Any, Any, Any, Any]:
    """Training patches (209 × 4096), test patches (200 × 4096), standardised; their labels (1: flower)."""
    import numpy as np
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(seed)
    photographs = [photograph.mean(axis=2) / 255.0 for photograph in load_sample_images().images]

    def cut(count: int, left: float, right: float) -> tuple[Any, Any]:
        found = []
        for i in range(count):
            photograph = photographs[i % 2]
            height, width = photograph.shape
            row = rng.integers(0, height - SIDE + 1)
            column = rng.integers(int(left * width), int(right * width) - SIDE + 1)
            found.append(photograph[row : row + SIDE, column : column + SIDE].ravel())
        return np.array(found), np.arange(count) % 2

    (training, training_labels), (test, test_labels) = cut(TRAINING, 0.0, SEEN), cut(TEST, SEEN, 1.0)
    mean, deviation = training.mean(axis=0), training.std(axis=0)
    return (training - mean) / deviation, (test - mean) / deviation, training_labels, test_labels


def network(seed: int) -> nn.MLP:
    """4096-8-1; the last layer gives the logit, whose sigmoid is the probability of a flower."""
    return nn.MLP(SIDE * SIDE, [8, 1], "relu", seed=seed, init="normal")


def main(epochs: int | None = None, seed: int = 0, verbose: int = 1) -> dict[str, Any]:
    """The share of patches told right, of those trained on and of those never seen."""
    training, test, training_labels, test_labels = patches()
    model = network(seed)
    history = nn.fit(
        model, training, training_labels, loss="binary_cross_entropy_with_logits",
        optimizer=nn.Adam(model.parameters(), lr=0.003), epochs=epochs or 300, batch_size=None, verbose=verbose,
    )  # fmt: skip
    trained, unseen = (
        nn.accuracy([model(x) for x in images], labels)
        for images, labels in ((training, training_labels), (test, test_labels))
    )
    if verbose:
        print(f"told right: {trained:.1%} of {TRAINING} training patches, {unseen:.1%} of {TEST} never seen")
    return {"training accuracy": trained, "accuracy": unseen, "history": history}


if __name__ == "__main__":
    main()
