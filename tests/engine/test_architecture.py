"""The language of networks: what lines mean, their one spelling, and what is said of lines that are none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.engine.architecture import (
    MOST_LAYERS,
    NAMED,
    TITLES,
    Activation,
    Architecture,
    ArchitectureError,
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Pool,
    is_trained,
    parse,
)
from mnist_gui.engine.config import ConfigError, TrainingConfig

EVERYTHING = (
    "conv 5x4x6 decay 0.01, bn, relu, pool 2, conv 3x3x8 same, tanh, pool 3, dense 20, bn, relu, dropout 0.25,"
    " dense 10 decay 0"
)
"""All layers: 28x28 becomes 24x25, 12x12, 12x12, 4x4."""


# ---- meaning
def test_that_each_layer_is_read_with_its_numbers():
    assert [layer.spec for layer in parse(EVERYTHING).layers] == [
        Convolution(5, 4, 6, decay=0.01),
        BatchNormalisation(),
        Activation("relu"),
        Pool(2),
        Convolution(3, 3, 8, same=True),
        Activation("tanh"),
        Pool(3),
        Dense(20),
        BatchNormalisation(),
        Activation("relu"),
        Dropout(0.25),
        Dense(10, decay=0.0),
    ]


def test_that_shapes_go_from_layer_to_layer():
    layers = parse(EVERYTHING).layers
    shapes = [
        (24, 25, 6), (24, 25, 6), (24, 25, 6), (12, 12, 6), (12, 12, 8), (12, 12, 8), (4, 4, 8), (20,), (20,), (20,),
        (20,), (10,),
    ]  # fmt: skip
    assert [layer.output_shape for layer in layers] == shapes
    assert [layer.input_shape for layer in layers] == [(28, 28, 1), *shapes[:-1]]


def test_that_weights_have_names_shapes_and_order_and_batch_normalisation_takes_the_place_of_biases():
    assert list(parse(EVERYTHING).weights.items()) == [
        ("conv1.W", (5, 4, 1, 6)),
        ("bn1.gamma", (6,)),
        ("bn1.beta", (6,)),
        ("bn1.mean", (6,)),
        ("bn1.variance", (6,)),
        ("conv2.W", (3, 3, 6, 8)),
        ("conv2.b", (8,)),
        ("dense1.W", (128, 20)),
        ("bn2.gamma", (20,)),
        ("bn2.beta", (20,)),
        ("bn2.mean", (20,)),
        ("bn2.variance", (20,)),
        ("dense2.W", (20, 10)),
        ("dense2.b", (10,)),
    ]


def test_that_only_batch_normalisation_directly_behind_a_layer_takes_its_biases():
    assert "conv1.b" not in parse("conv 3x3x2, bn, relu, dense 10").weights
    assert "conv1.b" in parse("conv 3x3x2, relu, bn, dense 10").weights
    assert "dense1.b" in parse("dense 5, dropout 0.5, bn, dense 10").weights


def test_that_running_statistics_are_weights_but_not_parameters():
    architecture = parse("dense 5, bn, relu, dense 10")
    assert architecture.parameters == 784 * 5 + 5 + 5 + 5 * 10 + 10
    assert [layer.parameters for layer in architecture.layers] == [3920, 10, 0, 60]
    assert [name for name in architecture.weights if not is_trained(name)] == ["bn1.mean", "bn1.variance"]


def test_that_pooling_leaves_out_what_fills_no_window():
    assert parse("pool 2, pool 2, pool 2, dense 10").layers[2].output_shape == (3, 3, 1)
    assert parse("pool 5, dense 10").layers[0].output_shape == (5, 5, 1)


def test_that_kernels_and_windows_may_be_as_large_as_the_image():
    assert parse("conv 28x28x3, dense 10").layers[0].output_shape == (1, 1, 3)
    assert parse("pool 28, dense 10").layers[0].output_shape == (1, 1, 1)
    assert parse("pool 14, conv 5x5x2 same, dense 10").layers[1].output_shape == (2, 2, 2)


# ---- spelling
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Dense   10 ", "dense 10"),
        ("conv 5 x 5 x 20,RELU ,pool\t2,dense 010", "conv 5x5x20, relu, pool 2, dense 10"),
        ("conv 3x3x8   SAME  decay 1e-3, dense 10", "conv 3x3x8 same decay 0.001, dense 10"),
        ("dropout .50, dense 10 decay 1.", "dropout 0.5, dense 10 decay 1"),
        ("dropout 0.0, dense 10 decay 1E-7", "dropout 0, dense 10 decay 1e-07"),
        ("dropout 0.9999999, dense 10", "dropout 0.9999999, dense 10"),
        (" MLP\n", "dense 500, relu, dense 10"),
    ],
)
def test_that_a_network_has_one_spelling(text, line):
    assert parse(text).line == line
    assert parse(line).line == line


@st.composite
def networks(draw):
    """Valid networks, as specs."""
    specs, height, width, image = [], 28, 28, True
    shares = st.floats(0, 1, exclude_max=True)
    for _ in range(draw(st.integers(0, 8))):
        kinds = ["bn", "relu", "tanh", "dropout", "dense"] + (["conv", "same", "pool"] if image else [])
        match draw(st.sampled_from(kinds)):
            case "conv":
                h, w = draw(st.integers(1, min(height, 7))), draw(st.integers(1, min(width, 7)))
                decay = draw(st.none() | st.floats(0, 1))
                specs.append(Convolution(h, w, draw(st.integers(1, 30)), decay=decay))
                height, width = height - h + 1, width - w + 1
            case "same":
                side = draw(st.sampled_from([1, 3, 5]))
                specs.append(Convolution(side, side, draw(st.integers(1, 30)), same=True))
            case "pool" if min(height, width) >= 2:
                window = draw(st.integers(2, min(height, width)))
                specs.append(Pool(window))
                height, width = height // window, width // window
            case "dense":
                image = False
                specs.append(Dense(draw(st.integers(1, 100)), decay=draw(st.none() | st.floats(0, 1))))
            case "dropout":
                specs.append(Dropout(draw(shares)))
            case "bn":
                specs.append(BatchNormalisation())
            case "relu" | "tanh" as function:
                specs.append(Activation(function))
    return [*specs, Dense(10)]


def spelt(spec):
    """A layer as somebody may write it; numbers with all their digits."""
    match spec:
        case Convolution(h, w, c, same, decay):
            return f"Conv {h} x {w}x{c}{'  same' if same else ''}{'' if decay is None else f' decay {decay!r}'}"
        case Pool(window):
            return f"pool  {window}"
        case Dense(units, decay):
            return f"DENSE {units}{'' if decay is None else f' decay {decay!r}'}"
        case Dropout(rate):
            return f"dropout {rate!r}"
        case BatchNormalisation():
            return "bn"
        case Activation(function):
            return function


@given(networks())
def test_that_what_is_written_is_what_is_read_and_its_spelling_says_the_same(specs):
    architecture = parse(" ,".join(map(spelt, specs)))
    assert [layer.spec for layer in architecture.layers] == specs
    again = parse(architecture.line)
    assert again.line == architecture.line
    assert [layer.spec for layer in again.layers] == specs
    assert again.weights == architecture.weights
    for layer in again.layers:
        assert again.line[layer.start : layer.start + len(layer.text)] == layer.text
        assert math.prod(layer.output_shape) > 0
    trained = sum(math.prod(shape) for name, shape in again.weights.items() if is_trained(name))
    assert again.parameters == trained


WORDS = [
    "conv",
    "bn",
    "relu",
    "pool",
    "dense",
    "dropout",
    "decay",
    "same",
    "5x5x3",
    "2",
    "10",
    "0.5",
    "x",
    ",",
    " ",
    "",
]


@given(st.lists(st.sampled_from(WORDS)).map("".join) | st.text(max_size=20))
def test_that_any_text_is_a_network_or_an_error_that_says_where(text):
    try:
        architecture, error = parse(text), None
    except ArchitectureError as mistake:
        architecture, error = None, mistake
    if architecture:
        assert architecture.layers[-1].output_shape == (10,)
    else:
        assert 0 <= error.start <= error.end <= len(text)
        assert str(error).endswith((".", "?"))


# ---- names
@pytest.mark.parametrize(("name", "parameters"), [("softmax", 7_850), ("mlp", 397_510), ("lenet", 431_080)])
def test_that_the_networks_of_the_tutorials_have_their_numbers_of_parameters(name, parameters):
    assert parse(name).parameters == parameters
    assert parse(name).short_name == name


def test_that_named_networks_are_lines_in_their_one_spelling_with_titles_and_fit_in_a_file_of_3_mb():
    assert list(NAMED) == list(TITLES)
    for name, line in NAMED.items():
        architecture = parse(name)
        assert architecture == parse(line)
        assert architecture.line == line
        assert architecture.title == TITLES[name]
        assert 4 * sum(map(math.prod, architecture.weights.values())) < 3_000_000


def test_that_a_network_without_a_name_is_called_by_what_it_is():
    architecture = parse("dense 7, relu, dense 10")
    assert architecture.short_name == "network"
    assert architecture.title == "Network of 3 layers"


# ---- mistakes: the line, what is wrong in it, and what is said
MISTAKES = [
    ("conv 5x5x20, poool 2, dense 10", "poool 2", "Layer 2, `poool 2`, is not known: did you mean `pool`?"),
    ("conf 5x5x20, dense 10", "conf 5x5x20", "Layer 1, `conf 5x5x20`, is not known: did you mean `conv`?"),
    ("relu, !, dense 10", "!", "the layers are conv, bn, relu, tanh, pool, dense, dropout."),
    ("5, dense 10", "5", "Layer 1, `5`, is not known"),
    ("transformer", "transformer", "Layer 1, `transformer`, is not known"),
    ("lenet, dense 10", "lenet", "Layer 1, `lenet`, is not known"),
    ("dense 5, sigmoid, dense 10", "sigmoid", "Layer 2, `sigmoid`, is not known"),
    ("conv 5x5, dense 10", "conv 5x5", "Layer 1, `conv 5x5`, is not complete: write for example `conv 5x5x32"),
    ("relu, conv5x5x3, dense 10", "conv5x5x3", "Layer 2, `conv5x5x3`, is not complete"),
    ("conv 5x5x3 valid, dense 10", "conv 5x5x3 valid", "is not complete"),
    ("dense, dense 10", "dense", "Layer 1, `dense`, is not complete: write for example `dense 128`."),
    ("dense -3, dense 10", "dense -3", "is not complete"),
    ("dense 2.5, dense 10", "dense 2.5", "is not complete"),
    ("dense ١٠", "dense ١٠", "is not complete"),
    ("relu 2, dense 10", "relu 2", "is not complete: write for example `relu`."),
    ("dropout, dense 10", "dropout", "is not complete: write for example `dropout 0.5`."),
    ("dropout nan, dense 10", "dropout nan", "is not complete"),
    ("dense 10 decay", "dense 10 decay", "is not complete"),
    ("dense 10 decay nan", "dense 10 decay nan", "is not complete"),
    ("pool 2 decay 0.1, dense 10", "pool 2 decay 0.1", "is not complete"),
    ("conv 0x5x3, dense 10", "conv 0x5x3", "kernels need at least one pixel"),
    ("conv 5x5x0, dense 10", "conv 5x5x0", "there are 1 to 4,096 of them"),
    ("conv 1x1x4097, dense 10", "conv 1x1x4097", "there are 1 to 4,096 of them"),
    ("conv 4x4x3 same, dense 10", "conv 4x4x3 same", "`same` needs square kernels with an odd side"),
    ("conv 3x5x3 same, dense 10", "conv 3x5x3 same", "`same` needs square kernels with an odd side"),
    ("pool 1, dense 10", "pool 1", "a window has at least 2 pixels a side"),
    ("dense 0, dense 10", "dense 0", "a dense layer has 1 to 4,096 units"),
    ("dense 4097, dense 10", "dense 4097", "a dense layer has 1 to 4,096 units"),
    ("dropout 1, dense 10", "dropout 1", "a dropout rate is 0 or more and less than 1"),
    ("dropout 1e999, dense 10", "dropout 1e999", "a dropout rate is 0 or more and less than 1"),
    ("dense 10 decay 1.5", "dense 10 decay 1.5", "a decay is 0 to 1"),
    ("conv 29x1x3, dense 10", "conv 29x1x3", "the kernel does not fit, the image is 28x28 pixels here"),
    ("pool 2, conv 1x15x3, dense 10", "conv 1x15x3", "the kernel does not fit, the image is 14x14 pixels here"),
    ("conv 27x20x3, pool 3, dense 10", "pool 3", "the window does not fit, the image is 2x9 pixels here"),
    (
        "dense 5, conv 1x1x3, dense 10",
        "conv 1x1x3",
        "it needs an image, but the layers before it leave a row of units",
    ),
    ("dense 5, relu, pool 2, dense 10", "pool 2", "Layer 3, `pool 2`: it needs an image"),
    ("dense 9", "dense 9", "The last layer must be `dense 10`, one unit for each digit, not `dense 9`."),
    ("dense 10, relu", "relu", "The last layer must be `dense 10`, one unit for each digit, not `relu`."),
    ("pool 2", "pool 2", "The last layer must be `dense 10`"),
]


@pytest.mark.parametrize(("text", "wrong", "message"), MISTAKES, ids=[text for text, _, _ in MISTAKES])
def test_that_a_mistake_is_named_and_placed(text, wrong, message):
    with pytest.raises(ArchitectureError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert text[caught.value.start : caught.value.end] == wrong


@pytest.mark.parametrize(
    ("text", "layer", "position"), [("", 1, 0), ("  ", 1, 2), (",dense 10", 1, 0), ("relu,  , dense 10", 2, 7)]
)
def test_that_an_empty_layer_is_placed(text, layer, position):
    with pytest.raises(ArchitectureError, match=f"^Layer {layer} is empty: ") as caught:
        parse(text)
    assert caught.value.start == caught.value.end == position


def test_that_a_network_has_limits():
    assert len(parse("relu," * (MOST_LAYERS - 1) + "dense 10").layers) == MOST_LAYERS
    too_many = [
        "relu," * MOST_LAYERS + "dense 10",
        "relu," * 10_000 + "dense 10",
        "dense 4096, dense 4096, dense 10",
        "conv 5x5x4096, conv 5x5x4096, dense 10",
    ]
    for text in too_many:
        with pytest.raises(ArchitectureError, match="A network has at most 100 layers") as caught:
            parse(text)
        assert (caught.value.start, caught.value.end) == (0, len(text))


def test_that_a_network_of_few_layers_may_be_written_at_length_and_read_again():
    text = "conv 3x3x12 same decay 0.00012345, " * 66 + "dense 10"
    assert len(text) > 2000
    assert parse(parse(text).line).line == parse(text).line
    with pytest.raises(ArchitectureError, match="A network has at most 10,000 characters"):
        parse("dense" + " " * 10_000 + "10")


def test_that_a_number_with_thousands_of_digits_is_refused_in_words():
    for text in ("dense " + "9" * 1900, "conv 5x5x" + "9" * 1900 + ", dense 10", "pool " + "9" * 10_000):
        with pytest.raises(ArchitectureError):
            parse(text)


# ---- in the settings of a run
def test_that_a_run_without_a_network_that_fits_cannot_be_asked_for():
    with pytest.raises(ConfigError, match=r"^The network does not fit\. Layer 2, `poool 2`, is not known"):
        TrainingConfig(network="conv 5x5x20, poool 2")
    with pytest.raises(ConfigError, match="Network must be str, got 7"):
        TrainingConfig.from_dict({"network": 7})


def test_that_the_settings_of_a_run_come_back_from_json_and_keep_the_text_of_the_network():
    config = TrainingConfig(network="  dense 5,relu, dense 10")
    assert TrainingConfig.from_dict(config.to_dict()) == config
    assert config.architecture.line == "dense 5, relu, dense 10"
    assert isinstance(config.architecture, Architecture)


def numbers():
    return [name for name, value in TrainingConfig().to_dict().items() if type(value) is float]


@pytest.mark.parametrize("name", numbers())
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1e-9])
def test_that_a_setting_that_is_no_number_or_beyond_its_limits_is_refused(name, value):
    with pytest.raises(ConfigError, match=r" must be .* to .*, got (nan|-?inf|-1e-09)"):
        TrainingConfig.from_dict({name: value})


def test_that_a_network_for_another_number_of_classes_ends_with_as_many_units():
    assert parse("dense 5, relu, dense 11", 11).layers[-1].spec.units == 11
    with pytest.raises(ArchitectureError, match="The last layer must be `dense 11`"):
        parse("dense 5, relu, dense 10", 11)
