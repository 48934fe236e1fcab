"""PyTorch on an NVIDIA GPU, with CUDA graphs: the peer of `test_gpu_speed.py`.

The digits lie in the memory of the GPU, and so does the order of an epoch, as a table of minibatches. A graph holds
several whole steps: taking digits, both ways through the network, the fused update, and counting on. So an epoch is a
few dozen launches, with nothing sent to the GPU but the order. Without CUDA the same steps run eagerly on the CPU,
which only shows that they work.
"""

import time

import numpy as np
import torch
from protocol import serve
from torch import nn
from torch_network import build


class CudaWorker:
    def prepare(self, line, batch, digits, tf32, steps_at_once=10, channels_last=True):
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
        torch.backends.cudnn.benchmark = True
        self._cuda = torch.cuda.is_available()
        device = torch.device("cuda" if self._cuda else "cpu")
        layout = torch.channels_last if channels_last else torch.contiguous_format
        with np.load(digits) as file:
            self._images = torch.from_numpy(file["images"]).unsqueeze(1).float().div_(255).to(device)
            self._labels = torch.from_numpy(file["labels"]).long().to(device)
        self._layout, self._at_once = layout, steps_at_once
        self._network = build(line).to(device, memory_format=layout)
        self._loss = nn.CrossEntropyLoss()
        self._optimizer = torch.optim.SGD(self._network.parameters(), lr=0.02, momentum=0.9, nesterov=True, fused=True)
        count = len(self._labels) // batch
        self._table = torch.zeros((count, batch), dtype=torch.long, device=device)
        self._position = torch.zeros(1, dtype=torch.long, device=device)
        self._losses = torch.zeros(count, device=device)
        self._graph = None
        if self._cuda:
            # As PyTorch's notes on CUDA graphs say: a few steps on another stream first, then the capture.
            self._deal()
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                for _ in range(3):
                    self._step()
            torch.cuda.current_stream().wait_stream(stream)
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                for _ in range(steps_at_once):
                    self._step()
        name = torch.cuda.get_device_name() if self._cuda else "the CPU, eager"
        return {"name": f"PyTorch {torch.__version__} on {name}", "cuda": self._cuda}

    def _deal(self):
        count, batch = self._table.shape
        order = torch.randperm(len(self._labels), device=self._table.device)
        self._table.copy_(order[: count * batch].view(count, batch))
        self._position.zero_()

    def _step(self):
        chosen = self._table.index_select(0, self._position).flatten()
        images = self._images.index_select(0, chosen).contiguous(memory_format=self._layout)
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._loss(self._network(images), self._labels.index_select(0, chosen))
        loss.backward()
        self._optimizer.step()
        self._losses.index_copy_(0, self._position, loss.detach().unsqueeze(0))
        self._position.add_(1).remainder_(len(self._table))

    def epoch(self):
        """Makes the steps of an epoch, but for those that fill no launch, and brings their losses back."""
        begun = time.perf_counter()
        self._deal()
        launches = len(self._table) // self._at_once
        for _ in range(launches):
            if self._graph is not None:
                self._graph.replay()
            else:
                for _ in range(self._at_once):
                    self._step()
        losses = self._losses.cpu()
        assert bool(torch.isfinite(losses).all())
        return {"seconds": time.perf_counter() - begun, "steps": launches * self._at_once}


if __name__ == "__main__":
    serve(CudaWorker())
