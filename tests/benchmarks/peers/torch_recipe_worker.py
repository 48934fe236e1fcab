"""A whole recipe in PyTorch, eager, on the CPU: training and the reading of the test digits, timed.

The same form as `torch_worker.py`. Libraries are loaded and the digits are in memory before the clock starts, as
here; what this program does while it trains besides (the validation, events, copies of the weights) has no
counterpart but one reading of the validation digits at the end of each epoch.
"""

import time

import numpy as np
import torch
from protocol import serve
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch_network import build


class RecipeWorker:
    def prepare(self, threads, digits, sizes):
        """Loads the digits: `sizes` are those of training, validation and test in the file, in this order."""
        torch.set_num_threads(threads)
        with np.load(digits) as file:
            images = torch.from_numpy(file["images"]).unsqueeze(1).float().div_(255)
            labels = torch.from_numpy(file["labels"]).long()
        self._images, self._labels = images.split(sizes), labels.split(sizes)
        self._sizes = sizes
        return {"name": f"PyTorch {torch.__version__}, {threads} threads"}

    def complete(self, config, line, seed):
        """One run of a recipe, a `TrainingConfig` as a dict, with the network of a line."""
        begun = time.perf_counter()
        torch.manual_seed(seed)
        network = build(line).to(memory_format=torch.channels_last)
        for layer in network:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:  # batch normalisation comes behind it
                    nn.init.zeros_(layer.bias)
        nn.init.xavier_uniform_(network[-1].weight)
        batch = config["batch_size"]
        per_epoch = self._sizes[0] // batch
        optimizer = self._optimizer(network, config)
        schedule = self._schedule(optimizer, config, config["epochs"] * per_epoch)
        loss_of = nn.CrossEntropyLoss(label_smoothing=config["label_smoothing"])
        images, labels = self._images[0], self._labels[0]
        reader, averaged = network, None
        if config["average"]:
            averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config["average"]), use_buffers=True)
            reader = averaged.module
        best, best_weights = None, None
        for _ in range(config["epochs"]):
            order = torch.randperm(len(labels))
            for start in range(0, per_epoch * batch, batch):
                chosen = order[start : start + batch]
                digits = images.index_select(0, chosen).contiguous(memory_format=torch.channels_last)
                optimizer.zero_grad(set_to_none=True)
                loss = loss_of(network(digits), labels.index_select(0, chosen))
                loss.backward()
                optimizer.step()
                schedule.step()
                if averaged:
                    averaged.update_parameters(network)
            wrong = self._wrong(reader, 1)
            if best is None or wrong < best:
                best, best_weights = wrong, {name: value.clone() for name, value in reader.state_dict().items()}
        reader.load_state_dict(best_weights)
        wrong = self._wrong(reader, 2)
        return {"seconds": time.perf_counter() - begun, "test_error": 100 * wrong / self._sizes[2]}

    def _optimizer(self, network, config):
        rate, momentum = config["learning_rate"], config["momentum"]
        parameters = network.parameters()
        if config["updates"] in ("adam", "adamw"):
            kind = torch.optim.Adam if config["updates"] == "adam" else torch.optim.AdamW
            betas = (momentum, config["square_decay"])
            return kind(parameters, lr=rate, betas=betas, weight_decay=config["weight_decay"], fused=True)
        momentum = 0.0 if config["updates"] == "sgd" else momentum
        return torch.optim.SGD(
            parameters, lr=rate, momentum=momentum, nesterov=config["updates"] == "nesterov",
            weight_decay=config["weight_decay"], fused=True,
        )  # fmt: skip

    def _schedule(self, optimizer, config, steps):
        if config["schedule"] == "one-cycle":
            return torch.optim.lr_scheduler.OneCycleLR(
                optimizer, config["learning_rate"], total_steps=steps, pct_start=config["warm_up"],
                cycle_momentum=False,
            )  # fmt: skip
        if config["schedule"] == "cosine":
            return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        assert config["schedule"] == "constant", "not written for PyTorch"
        return torch.optim.lr_scheduler.ConstantLR(optimizer, 1.0)

    def _wrong(self, network, split):
        was_training = network.training
        network.eval()
        with torch.inference_mode():
            wrong = 0
            for images, labels in zip(self._images[split].split(500), self._labels[split].split(500)):  # noqa: B905
                digits = images.contiguous(memory_format=torch.channels_last)
                wrong += int((network(digits).argmax(1) != labels).sum())
        network.train(was_training)
        return wrong


if __name__ == "__main__":
    serve(RecipeWorker())
