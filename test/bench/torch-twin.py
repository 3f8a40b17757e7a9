"""The PyTorch side of `reseed bench ratio`: the training steps of `reseed bench train`, as fast as PyTorch takes them on a CPU.

    python3 test/bench/torch-twin.py --model madry-cnn --method pgd --steps 10 --batch 128 --threads 2 --json

A step draws a batch from uint8 images, attacks it (L-inf, random start, gradients at the pixels only: the weights ask for
none meanwhile), and takes one step of SGD with momentum on the mean cross-entropy. Batch norm and its running statistics are
in training mode throughout, as in robust_overfitting (Rice et al. 2020) and as our trainer has it. Before it measures, it
tries both memory layouts and keeps the faster one; SGD is the fused one. Nothing is compiled.
"""
import argparse
import json
import platform
import statistics
import sys
import time

try:
    import torch
except ImportError as error:
    sys.exit(
        f"PyTorch cannot be imported by {sys.executable} (Python {platform.python_version()}): {error}. "
        "Name a Python that has it with --python PATH."
    )
import torch.nn.functional as F
from torch import nn

# As in apps/cli/src/bench-condition.ts.
EPSILON = {1: 0.3, 3: 8 / 255}
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.001, 0.9, 5e-4
CLASSES = 10
EPOCH_BATCHES = 32


class MadryCnn(nn.Module):
    """The MNIST network of Madry et al. 2018."""

    image = (1, 28, 28)

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2)
        self.fc1 = nn.Linear(7 * 7 * 64, 1024)
        self.fc2 = nn.Linear(1024, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))


class TinyCnn(nn.Module):
    image = (1, 28, 28)

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.fc1 = nn.Linear(7 * 7 * 16, 64)
        self.fc2 = nn.Linear(64, CLASSES)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))


class PreActBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False))

    def forward(self, x):
        h = F.relu(self.bn1(x))
        shortcut = self.shortcut(h) if hasattr(self, "shortcut") else x
        return self.conv2(F.relu(self.bn2(self.conv1(h)))) + shortcut


class PreActResNet18(nn.Module):
    """He et al. 2016 in the form of robust_overfitting."""

    image = (3, 32, 32)

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        widths = [64, 64, 128, 256, 512]
        for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            blocks = [PreActBlock(inputs, outputs, 1 if i == 0 else 2), PreActBlock(outputs, outputs, 1)]
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.bn = nn.BatchNorm2d(512)
        self.linear = nn.Linear(512, CLASSES)

    def forward(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.conv1(x)))))
        return self.linear(torch.flatten(F.adaptive_avg_pool2d(F.relu(self.bn(x)), 1), 1))


MODELS = {"madry-cnn": MadryCnn, "preactresnet-18": PreActResNet18, "tiny-cnn": TinyCnn}
LAYOUTS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}


class Training:
    """Everything that training steps of one model in one memory layout need."""

    def __init__(self, arguments, layout):
        torch.manual_seed(0)
        self.arguments = arguments
        self.layout = LAYOUTS[layout]
        self.model = MODELS[arguments.model]().to(memory_format=self.layout).train()
        self.parameters = list(self.model.parameters())
        self.optimizer = torch.optim.SGD(
            self.parameters, lr=LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY, fused=True
        )
        shape = (EPOCH_BATCHES * arguments.batch, *self.model.image)
        self.images = torch.randint(0, 256, shape, dtype=torch.uint8).contiguous(memory_format=self.layout)
        self.labels = torch.randint(0, CLASSES, (shape[0],))
        self.order = torch.empty(0, dtype=torch.int64)

    def step(self):
        images, labels = self.next_batch()
        examples = images if self.arguments.method == "plain" else self.attack(images, labels)
        self.optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(self.model(examples), labels).backward()
        self.optimizer.step()

    def next_batch(self):
        if len(self.order) < self.arguments.batch:
            self.order = torch.randperm(len(self.images))
        chosen, self.order = self.order.split([self.arguments.batch, len(self.order) - self.arguments.batch])
        images = self.images[chosen].to(torch.float32, memory_format=self.layout).div_(255)
        return images, self.labels[chosen]

    def attack(self, images, labels):
        epsilon = EPSILON[self.model.image[0]]
        steps = 1 if self.arguments.method == "fgsm" else self.arguments.steps
        step_size = 1.25 * epsilon if self.arguments.method == "fgsm" else 2.5 * epsilon / steps
        lower, upper = (images - epsilon).clamp_(min=0), (images + epsilon).clamp_(max=1)
        x = torch.empty_like(images).uniform_(-epsilon, epsilon).add_(images).clamp_(lower, upper)
        for parameter in self.parameters:
            parameter.requires_grad_(False)
        for _ in range(steps):
            x.requires_grad_(True)
            (gradient,) = torch.autograd.grad(F.cross_entropy(self.model(x), labels), x)
            x = x.detach().add_(gradient.sign_(), alpha=step_size).clamp_(lower, upper)
        for parameter in self.parameters:
            parameter.requires_grad_(True)
        return x


def seconds_of(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def faster_layout(arguments):
    def trial(layout):
        training = Training(arguments, layout)
        return min([seconds_of(training.step) for _ in range(3)][1:])

    return min(LAYOUTS, key=trial)


def operations_of_step(arguments):
    """As packages/training/src/step-operations.ts counts them, from what PyTorch's own layers see."""
    model = MODELS[arguments.model]().eval()
    counts = []

    def count(layer, _, output):
        if isinstance(layer, nn.Conv2d):
            counts.append(layer.weight.numel() * output.shape[2] * output.shape[3])
        elif isinstance(layer, nn.Linear):
            counts.append(layer.weight.numel())

    for layer in model.modules():
        layer.register_forward_hook(count)
    model(torch.zeros(1, *model.image))
    attack_steps = {"plain": 0, "fgsm": 1, "pgd": arguments.steps}[arguments.method]
    return 2 * arguments.batch * ((2 * attack_steps + 3) * sum(counts) - counts[0])


def matrix_product_rate():
    best = 0.0
    for side in (1024, 2048):
        a, b = torch.full((side, side), 0.5), torch.full((side, side), 0.25)
        torch.mm(a, b)
        best = max(best, 2 * side**3 / min(seconds_of(lambda: torch.mm(a, b)) for _ in range(5)))
    return best


def measure(arguments):
    rate_before = matrix_product_rate()
    layout = arguments.layout or faster_layout(arguments)
    training = Training(arguments, layout)
    for _ in range(arguments.warmup):
        training.step()
    seconds = [seconds_of(training.step) for _ in range(arguments.batches)]
    step = statistics.median(seconds)
    operations = operations_of_step(arguments)
    roof = max(rate_before, matrix_product_rate()) / 1e9
    return {
        "imagesPerSecond": arguments.batch / step,
        "imagesPerSecondMin": arguments.batch / max(seconds),
        "imagesPerSecondMax": arguments.batch / min(seconds),
        "stepMs": step * 1000,
        "model": arguments.model,
        "method": arguments.method,
        "steps": {"plain": 0, "fgsm": 1, "pgd": arguments.steps}[arguments.method],
        "batch": arguments.batch,
        "batches": arguments.batches,
        "warmup": arguments.warmup,
        "flopsPerStep": operations,
        "gflopsPerSecond": operations / step / 1e9,
        "matrixProductGflopsPerSecond": roof,
        "shareOfMatrixProduct": operations / step / 1e9 / roof,
        "layout": layout,
        **describe(),
    }


def describe():
    threads, isa = torch.get_num_threads(), torch.backends.cpu.get_cpu_capability()
    return {
        "backend": "pytorch",
        "backendClass": f"pytorch/{torch.__version__}/{threads}t/{isa}",
        "threads": threads,
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "parallelInfo": [line.strip() for line in torch.__config__.parallel_info().splitlines() if line.strip()],
    }


def answer(arguments):
    """For tests: the logits of raw float32 images (n, C, H, W) by the weights of a safetensors file."""
    with open(arguments.weights, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        body = bytearray(file.read())
    types = {"F32": torch.float32, "I64": torch.int64}
    state = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            first, end = tensor["data_offsets"]
            state[name] = torch.frombuffer(body[first:end], dtype=types[tensor["dtype"]]).reshape(tensor["shape"])
    model = MODELS[arguments.model]()
    model.load_state_dict(state, strict=True)
    with open(arguments.images, "rb") as file:
        images = torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(-1, *model.image)
    with torch.no_grad():
        logits = model.eval()(images).tolist()
    return {"parameterCount": sum(p.numel() for p in model.parameters()), "logits": logits}


def whole_number(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got {text}")
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, default="madry-cnn")
    parser.add_argument("--method", choices=["plain", "fgsm", "pgd"], default="pgd")
    parser.add_argument("--steps", type=whole_number, default=10, help="attack steps (pgd)")
    parser.add_argument("--batch", type=whole_number, default=128)
    parser.add_argument("--threads", type=whole_number, default=1)
    parser.add_argument("--batches", type=whole_number, default=10, help="training steps that count")
    parser.add_argument("--warmup", type=int, default=2, help="training steps before them")
    parser.add_argument("--layout", choices=LAYOUTS, help="instead of the faster one")
    parser.add_argument("--describe", action="store_true", help="only say what PyTorch this is")
    parser.add_argument("--weights", help="safetensors file: answer with logits instead")
    parser.add_argument("--images", help="for --weights: raw float32 images")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_num_interop_threads(1)
    if arguments.describe:
        found = describe()
    elif arguments.weights:
        found = answer(arguments)
    else:
        found = measure(arguments)
    print(json.dumps(found, indent=None if arguments.json else 2))


main()
