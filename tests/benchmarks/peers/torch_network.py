"""Networks in PyTorch from the line of text by which this program describes them.

The layers are conv, bn, relu, tanh, pool, dense and dropout; `engine/architecture.py` explains the language.
"""

import torch
from torch import nn


def build(line):
    """The layers of a line, for images (n, 1, 28, 28).

    ReLU and tanh change places with a pooling behind them: the values are the same and there are fewer of them, which
    is how this program computes it as well.
    """
    specs = [spec.split() for spec in line.split(",")]
    for i in range(len(specs) - 1):
        if specs[i][0] in ("relu", "tanh") and specs[i + 1][0] == "pool":
            specs[i], specs[i + 1] = specs[i + 1], specs[i]
    layers = []
    shape = torch.Size([1, 1, 28, 28])
    for index, (kind, *words) in enumerate(specs):
        bias = index + 1 == len(specs) or specs[index + 1][0] != "bn"
        if kind == "conv":
            height, width, channels = map(int, words[0].split("x"))
            padding = (height // 2, width // 2) if "same" in words else 0
            layer = nn.Conv2d(shape[1], channels, (height, width), padding=padding, bias=bias)
        elif kind == "dense":
            if len(shape) == 4:
                layers.append(nn.Flatten())
                shape = layers[-1](torch.empty(shape)).shape
            layer = nn.Linear(shape[1], int(words[0]), bias=bias)
        elif kind == "bn":
            layer = nn.BatchNorm2d(shape[1]) if len(shape) == 4 else nn.BatchNorm1d(shape[1])
        elif kind == "pool":
            layer = nn.MaxPool2d(int(words[0]))
        elif kind == "dropout":
            layer = nn.Dropout(float(words[0]))
        else:
            layer = {"relu": nn.ReLU, "tanh": nn.Tanh}[kind]()
        layers.append(layer)
        shape = layer.eval()(torch.empty(shape)).shape
    return nn.Sequential(*layers).train()
