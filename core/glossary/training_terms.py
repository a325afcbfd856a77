"""The glossary's terms about training."""

from __future__ import annotations

from core.glossary.term import Choice, Term

_ADAM = r"w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}"

TRAINING_TERMS = {
    "optimizer": Term(
        "Optimizer",
        "How a gradient becomes a step of the weights. Plain SGD follows the gradient; the others also look at earlier "
        "gradients, or give every weight a step size of its own.",
        choices={
            "sgd": Choice("Follows the gradient of each batch.", r"w \leftarrow w - \eta\,g"),
            "rmsprop": Choice(
                "Divides each step by the recent size of the gradient.", r"w \leftarrow w - \eta\,\frac{g}{\sqrt{v}}"
            ),
            "adam": Choice("Momentum, and a step size of its own for each weight.", _ADAM),
            "adamw": Choice("Adam with weight decay beside the gradient.", _ADAM + r" - \eta\,\lambda\,w"),
            "adamax": Choice("Adam with the largest recent gradient in place of its mean square."),
            "nadam": Choice("Adam with a look ahead, as in Nesterov momentum."),
            "adagrad": Choice(
                "Steps shrink with all the gradients so far.", r"w \leftarrow w - \eta\,\frac{g}{\sqrt{\sum g^2}}"
            ),
            "adadelta": Choice("Like RMSprop, in units of its own recent steps."),
            "adafactor": Choice("Like Adam, with far less memory for large layers."),
            "lion": Choice(
                "Only the sign of the averaged gradient counts.",
                r"w \leftarrow w - \eta\,\operatorname{sign}(m)",
            ),
            "lamb": Choice("Adam with steps in proportion to each layer's weights; for large batches."),
            "muon": Choice("Turns the step of each kernel so that all its directions count alike."),
        },
    ),
    "learning_rate": Term(
        "Learning rate",
        "How far the weights move at each step. Too small and training takes forever; too large and the loss jumps or "
        "diverges. Takes effect at once, even during training.",
        r"w \leftarrow w - \eta\,\frac{\partial L}{\partial w}",
    ),
    "rate_finder": Term(
        "Learning-rate finder",
        "One short training whose rate rises from batch to batch. It suggests a tenth of the rate at which the "
        "smoothed loss is least. The run in the lab stays as it is.",
    ),
    "momentum": Term(
        "Momentum",
        "Each step keeps this share of the one before, as a rolling ball does. It speeds up steady directions and "
        "evens out noise.",
        r"v \leftarrow \mu v - \eta\,g, \quad w \leftarrow w + v",
    ),
    "nesterov": Term(
        "Nesterov momentum", "Takes the gradient where momentum is about to lead, which brakes earlier before a turn."
    ),
    "beta_1": Term(
        "Beta 1",
        "How slowly the running mean of the gradients forgets; it acts as momentum.",
        r"m \leftarrow \beta_1 m + (1 - \beta_1)\,g",
    ),
    "beta_2": Term(
        "Beta 2",
        "How slowly the running mean of the squared gradients forgets; its root is what steps are divided by.",
        r"v \leftarrow \beta_2 v + (1 - \beta_2)\,g^2",
    ),
    "rho": Term(
        "Rho",
        "How slowly the running mean of the squared gradients forgets.",
        r"v \leftarrow \rho\,v + (1 - \rho)\,g^2",
    ),
    "epsilon": Term(
        "Epsilon",
        "A small number beside the root that steps are divided by, so that nothing is divided by 0. Larger values make "
        "steps smaller where gradients are tiny.",
    ),
    "amsgrad": Term(
        "AMSGrad", "Divides by the largest mean square so far in place of the present one, so that steps never grow."
    ),
    "centered": Term(
        "Centered", "Divides by the spread of the gradients in place of their size: the mean is taken off first."
    ),
    "accumulator": Term(
        "Initial accumulator",
        "What the sum of squared gradients begins with. A larger one makes the first steps smaller.",
    ),
    "weight_decay": Term(
        "Weight decay",
        "Shrinks every weight by this share of the learning rate at each step. Like L2, but beside the gradient, so "
        "the optimizer does not rescale it.",
        r"w \leftarrow w - \eta\,\lambda\,w",
    ),
    "batch_size": Term(
        "Batch size",
        "How many rows each step looks at. Small batches take many noisy steps an epoch; large ones take few, smooth "
        "steps.",
        r"g = \frac{1}{B} \sum_{i=1}^{B} g_i",
    ),
    "epochs": Term(
        "Epochs",
        "How often training goes through all training rows. Too few and the loss still falls at the end; too many and "
        "the network may overfit. A finished run trains on when this rises.",
    ),
    "step": Term(
        "Step of training", "One update of all weights, from the rows of one batch. An epoch has one for every batch."
    ),
    "gradient": Term(
        "Gradient",
        "How the loss changes with each weight. Against it, the loss falls fastest.",
        r"g = \frac{\partial L}{\partial w}",
    ),
    "retrain": Term(
        "Train on every change",
        "Each change of a control trains a new network from start to finish, always fast. When this is off, learning "
        "rate, epochs, batch size, momentum, penalties, dropout and noise apply to the running network.",
    ),
    "coach": Term(
        "Coach",
        "While and after a run trains, says in one sentence what goes wrong, with a button that mends it. It says "
        "nothing where it is not sure.",
    ),
    "schedule": Term(
        "Learning-rate schedule",
        "How the learning rate changes over the epochs. Large steps at first find the valley; small ones at the end "
        "settle in it.",
        choices={
            "constant": Choice("The rate stays the same."),
            "step": Choice("The rate is multiplied by a factor every so many epochs."),
            "exponential": Choice("The rate falls by the same factor in every period, smoothly."),
            "cosine": Choice("The rate falls along half a cosine wave."),
            "warm_up": Choice("The rate rises from 0 over the first epochs, then stays."),
            "one_cycle": Choice("The rate rises, then falls below where it began."),
        },
    ),
    "every": Term("Step length, decay period", "After how many epochs the learning rate is multiplied by the factor."),
    "factor": Term("Factor", "What the learning rate is multiplied by each time."),
    "final": Term("Final share", "What share of the learning rate is left at the last epoch."),
    "warm_up": Term("Warm-up", "Over how many epochs the learning rate rises from 0 to its full value."),
    "rise": Term("Share spent rising", "During which share of all epochs the learning rate rises before it falls."),
    "clip": Term(
        "Gradient clipping",
        "Shortens gradients that are too long, so that one bad batch does not throw the weights far off.",
        choices={
            "none": Choice("Gradients are used as they are."),
            "value": Choice("Every number of a gradient is cut to the limit."),
            "norm": Choice("The gradient of every layer's weights is shortened to the limit."),
            "global_norm": Choice("All gradients together are shortened to the limit."),
        },
    ),
    "clip_at": Term("Clip at", "The largest value, or norm, that a gradient may have."),
    "loss": Term(
        "Loss",
        "The number that training makes smaller: how wrong the network is, averaged over the rows, penalties included.",
        choices={
            "crossentropy": Choice(
                "Punishes a low probability for the true class, the more the surer the network is.",
                r"-\ln p_\text{true}",
            ),
            "focal": Choice(
                "Cross-entropy in which rows that are right already count less.",
                r"-(1 - p_\text{true})^{\gamma} \ln p_\text{true}",
            ),
            "hinge": Choice("Only rows that are wrong, or right by too little, count.", r"\max(0, 1 - y\,z)"),
            "squared_error": Choice("Large errors count far more than small ones.", r"(y - \hat y)^2"),
            "absolute_error": Choice("All errors count in proportion, so outliers pull less.", r"|y - \hat y|"),
            "huber": Choice("Squared for small errors, absolute for large ones."),
        },
    ),
    "label_smoothing": Term(
        "Label smoothing",
        "Takes this share of the target from the true class and spreads it over all classes, so that the network does "
        "not become too sure.",
    ),
    "gamma": Term(
        "Focusing (gamma)", "How much less rows count that the network has right. At 0 this is cross-entropy."
    ),
    "delta": Term("Delta", "Up to this error the Huber loss is squared; beyond, it grows along a line."),
    "class_weight": Term(
        "Class weights",
        "Count each row of a rare class more, so that all classes weigh the same in the loss. Without, ignoring a rare "
        "class costs little.",
    ),
    "patience": Term(
        "Early stopping",
        "Training stops when the held-out loss has not improved for this many epochs: from there on, the network "
        "mostly learns the noise of its training rows.",
    ),
    "restore_best": Term(
        "Restore the best weights",
        "When training ends, the weights from the epoch with the lowest held-out loss are restored.",
    ),
    "stop_at": Term(
        "Stop at a score", "Training stops as soon as the held-out accuracy, or R² for regression, reaches this value."
    ),
    "weight_seed": Term(
        "Weight seed",
        "Decides the first weights, the order of the rows, and dropout. The same seed gives the same run, bit for bit; "
        "others show how much is luck.",
    ),
    "train": Term(
        "Train, pause, stop",
        "Train starts a run, or goes on with one that is paused. Pause keeps it as it is. Stop ends it for good, with "
        "the weights it has.",
    ),
    "one_epoch": Term("Step button", "Trains one epoch and rests, so that you can look at what has changed."),
    "reset": Term(
        "Reset",
        "Takes the run off the page, so that the same experiment can train from the start. The run is kept in Runs.",
    ),
    "new_weights": Term("New weights", "Chooses the next weight seed: the same experiment with other first weights."),
    "speed": Term(
        "Speed",
        "How fast a run may go. It is the same training at every speed; slower ones leave time to watch, and to change "
        "settings on the way.",
    ),
}
