"""This program's functions, compiled for an NVIDIA H200 on a machine that has none, as XLA can do without a device.

What is compiled cannot be run or tuned here; it shows that XLA takes every operation, and how many kernels there are.
"""

import os
import re
import time

os.environ["JAX_SKIP_CUDA_CONSTRAINTS_CHECK"] = "1"  # it asks the driver, which is not there
os.environ["XLA_FLAGS"] = "--xla_gpu_autotune_level=0"

import jax
import numpy as np
from jax._src import xla_bridge
from jax.experimental import topologies
from protocol import serve

from mnist_gui.engine import backend, functions
from mnist_gui.engine.config import Device, TrainingConfig

H200 = """
gpu_device_info {
  cuda_compute_capability { major: 9 }
  core_count: 132
  fpus_per_core: 128
  clock_rate_ghz: 1.98
  threads_per_warp: 32
  threads_per_block_limit: 1024
  threads_per_core_limit: 2048
  registers_per_block_limit: 65536
  registers_per_core_limit: 65536
  shared_memory_per_block: 49152
  shared_memory_per_block_optin: 232448
  shared_memory_per_core: 233472
  block_dim_limit_x: 2147483647
  block_dim_limit_y: 65535
  block_dim_limit_z: 65535
  l2_cache_size: 52428800
  memory_bandwidth: 4800000000000
  device_memory_size: 150000000000
}
platform_name: "CUDA"
dnn_version_info { major: 9 minor: 10 }
runtime_version { major: 13 }
device_description_str: "NVIDIA H200"
"""
"""Cores, clock and memory are of NVIDIA's data sheet, the limits of compute capability 9.0."""


class GpuCompileWorker:
    def prepare(self):
        usual = xla_bridge.canonicalize_platform

        def without_a_device(platform):
            try:
                return usual(platform)
            except RuntimeError:  # it looks for a device of this kind, to tell CUDA from ROCm
                return "cuda"

        xla_bridge.canonicalize_platform = without_a_device
        topology = topologies.get_topology_desc(platform="cuda", target_config=H200, topology="1x1x1")
        mesh = topologies.make_mesh(topology, (1,), ("device",))
        self._there = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
        functions.compile_only = self._compile
        return {"name": str(topology.devices[0].device_kind)}

    def _compile(self, function, *arguments):
        """In the place of `backend.compile_only`: the same function and shapes, for the other device."""
        for container, argument in zip(function.input_storage, arguments, strict=False):
            container.storage[0] = argument
        values = [np.asarray(cell[0]) for cell in function.vm.inputs]
        shapes = [jax.ShapeDtypeStruct(value.shape, value.dtype, sharding=self._there) for value in values]
        self._text = function.vm.jit_fn.lower(*shapes).compile().as_text()

    def compile(self, config, steps, digits):
        """Compiles a launch of so many steps, and the reading of a split.

        Returns:
            seconds: that compiling the launch took.
            kernels: of XLA in one step.
            convolutions: of cuDNN in one step.
            reading: kernels and convolutions of a call that reads 2,500 digits.
        """
        config = TrainingConfig.from_dict(config)
        chosen = backend.choose(Device.CPU, 1, backend.Compiler.JAX)
        images, labels = np.zeros((digits, 28, 28), np.uint8), np.zeros(digits, np.uint8)
        with backend.thread_limits(chosen):
            made = functions.TrainingFunctions(chosen, config, images, labels)
            begun = time.perf_counter()
            made.compile_learning(config.batch_size, steps)
            seconds = time.perf_counter() - begun
            step = self._counts(r"body=%([\w.]+)")
            made.set_pool(images, labels)
            functions.JUDGED_AT_ONCE = {"cpu": 2_500}
            made.compile_judging(2_500)
        reading = self._counts(r"\nENTRY %([\w.]+)")
        return {"seconds": seconds, "kernels": step[0], "convolutions": step[1], "reading": reading}

    def _counts(self, name):
        """Kernels and convolutions of the computation that a pattern names."""
        (found,) = set(re.findall(name, self._text))
        lines = self._text[self._text.index(f"%{found} (") :]
        lines = lines[: lines.index("\n}")]
        return len(re.findall(r" fusion\(", lines)), len(re.findall(r'custom_call_target="__cudnn', lines))


if __name__ == "__main__":
    serve(GpuCompileWorker())
