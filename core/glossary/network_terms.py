"""The glossary's terms about networks."""

from __future__ import annotations

from core.glossary.term import Choice, Term

NETWORK_TERMS = {
    "hidden_layers": Term(
        "Hidden layers",
        "How many layers of units stand between inputs and output. With none, the boundary is a straight line. Each "
        "layer bends the space for the next one; deep networks are harder to train.",
        r"a^{(l)} = f\!\left(W^{(l)} a^{(l-1)} + b^{(l)}\right)",
    ),
    "units": Term(
        "Units",
        "How many units this layer has. Each draws one line through its inputs and bends there. More units fit more "
        "complicated shapes, and have more weights to fit noise with.",
    ),
    "activation": Term(
        "Activation",
        "The function that every unit of the layer applies to its weighted sum. Without a bend in it, many layers are "
        "worth no more than one.",
        choices={
            "relu": Choice("0 below 0, the sum itself above: fast, but a unit can die.", r"\max(0, x)"),
            "tanh": Choice("A smooth step from −1 to 1; far from 0 it hardly changes.", r"\tanh x"),
            "sigmoid": Choice("A smooth step from 0 to 1; far from 0 it hardly changes.", r"\frac{1}{1 + e^{-x}}"),
            "elu": Choice(
                "Like ReLU, but below 0 it bends smoothly towards −1, so units do not die.",
                r"x \text{ if } x > 0, \text{ else } e^x - 1",
            ),
            "selu": Choice(
                "ELU scaled so that outputs keep a mean of 0 and a spread of 1 through many layers.",
                r"1.051\,x \text{ if } x > 0, \text{ else } 1.758\,(e^x - 1)",
            ),
            "gelu": Choice("A smooth ReLU: the sum times its chance under a normal curve.", r"x\,\Phi(x)"),
            "swish": Choice("A smooth ReLU that dips slightly below 0.", r"\frac{x}{1 + e^{-x}}"),
            "mish": Choice("A smooth ReLU much like swish.", r"x \tanh(\ln(1 + e^x))"),
            "leaky_relu": Choice("Like ReLU, with a small slope below 0, so units do not die.", r"\max(0.2\,x, x)"),
            "softplus": Choice("A ReLU with a rounded corner.", r"\ln(1 + e^x)"),
            "softsign": Choice("A step from −1 to 1 that flattens slowly.", r"\frac{x}{1 + |x|}"),
            "hard_sigmoid": Choice(
                "A sigmoid of three straight pieces.", r"\min(1, \max(0, \tfrac{x}{6} + \tfrac{1}{2}))"
            ),
            "sine": Choice("A wave: good for patterns that repeat, with many local minima.", r"\sin x"),
            "linear": Choice("The sum as it is: layers of these are worth one.", r"x"),
        },
    ),
    "normalization": Term(
        "Normalization",
        "Rescales the layer's sums before the activation, so that they neither vanish nor explode. Often faster in "
        "deep networks; adds some parameters.",
        r"\gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta",
        {
            "none": Choice("The sums stay as they are."),
            "batch": Choice("Mean and spread are those of each unit over the batch."),
            "layer": Choice("Mean and spread are those of each row over the layer's units."),
        },
    ),
    "gaussian_noise": Term(
        "Gaussian noise",
        "Adds random numbers with this standard deviation to the layer's outputs in training, none when it predicts. "
        "The network cannot rely on exact values, and overfits less.",
    ),
    "dropout": Term(
        "Dropout",
        "Sets this share of a layer's outputs to 0 at every step, others each time; none when it predicts. The network "
        "cannot rely on single units, and overfits less.",
    ),
    "initializer": Term(
        "Weight initializer",
        "How the first weights are drawn. Too large and units saturate; too small and signals fade from layer to "
        "layer; all zero and units stay identical.",
        choices={
            "glorot_uniform": Choice(
                "Fits tanh and sigmoid; Keras's default.", r"\pm\sqrt{\tfrac{6}{n_\text{in} + n_\text{out}}}"
            ),
            "glorot_normal": Choice(
                "The same spread, normally distributed.", r"\sigma = \sqrt{\tfrac{2}{n_\text{in} + n_\text{out}}}"
            ),
            "he_uniform": Choice("Larger, for ReLU.", r"\pm\sqrt{\tfrac{6}{n_\text{in}}}"),
            "he_normal": Choice("Larger, for ReLU, normally distributed.", r"\sigma = \sqrt{\tfrac{2}{n_\text{in}}}"),
            "lecun_uniform": Choice("For SELU.", r"\pm\sqrt{\tfrac{3}{n_\text{in}}}"),
            "lecun_normal": Choice("For SELU, normally distributed.", r"\sigma = \sqrt{\tfrac{1}{n_\text{in}}}"),
            "uniform": Choice("Small and equal for every layer.", r"\pm 0.05"),
            "normal": Choice("Small and equal for every layer.", r"\sigma = 0.05"),
            "zeros": Choice("All units of a layer stay identical: the network cannot learn."),
            "too_large": Choice("Units begin saturated: to see what goes wrong.", r"\sigma = 10"),
        },
    ),
    "l1": Term(
        "L1 penalty",
        "Adds the sum of the weights' absolute values, times this strength, to the loss. It pulls weights to exactly "
        "0, so that few remain.",
        r"\lambda \sum |w|",
    ),
    "l2": Term(
        "L2 penalty",
        "Adds the sum of the squared weights, times this strength, to the loss. It keeps weights small, and the "
        "boundary smooth.",
        r"\lambda \sum w^2",
    ),
    "penalty_places": Term(
        "What a penalty applies to",
        "The kernel is the weights between layers; the bias is the constant of each unit; activity is the layer's "
        "outputs. Mostly only the kernel is penalized.",
    ),
    "max_norm": Term(
        "Max-norm",
        "Upper limit for the norm of the weights into each unit, enforced after every step. It stops weights from "
        "growing without limit.",
        r"\lVert w \rVert \le c",
    ),
    "parameters": Term(
        "Parameters",
        "The numbers that training adjusts: a weight for every connection, and a bias for every unit. With many more "
        "parameters than training rows, a network can memorize the rows.",
        r"n_\text{in}\,n_\text{out} + n_\text{out}",
    ),
    "idle_units": Term(
        "Dead and saturated units",
        "A dead ReLU unit outputs 0 for every row. A saturated unit is near an end of its range for most rows. Both "
        "hardly learn. A few are normal; a whole layer is not.",
    ),
    "weight": Term("Weight", "The strength of one connection: how much a unit counts what it receives there."),
    "bias": Term("Bias", "A constant that a unit adds to its weighted sum: it shifts the line that the unit draws."),
    "output": Term(
        "Output",
        "The last layer. For two classes it is one unit whose sigmoid is a probability; for more, one unit for each "
        "class with a softmax; for regression, one unit without a bend.",
        r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}",
    ),
}
