"""What importing PyTensor must leave as it was."""

import subprocess
import sys


def test_that_faults_still_come_to_the_hook_that_was_there_before_pytensor():
    script = (
        "import sys\n"
        "sys.excepthook = hook = lambda *fault: None\n"
        "import mnist_gui.engine.functions, mnist_gui.engine.fine_tuning, mnist_gui.engine.explaining\n"
        "import mnist_gui.engine.ops.numba_lowering\n"
        "assert 'pytensor' in sys.modules\n"
        "assert sys.excepthook is hook\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
