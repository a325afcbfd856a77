"""The glossary's terms about figures and numbers."""

from __future__ import annotations

from core.glossary.term import Term

RESULT_TERMS = {
    "boundary": Term(
        "Decision boundary",
        "The class that the network would predict at every place: the colour is the class, and pale where the network "
        "is unsure. Points are rows; diamonds are held out.",
    ),
    "surface": Term(
        "Surface of predictions",
        "The number that the network would predict at every place, as a colour. Points have the colour of their true "
        "value: where they stand out, the network is wrong.",
    ),
    "line": Term("Fitted curve", "What the network predicts along the only feature, over the rows it was trained on."),
    "strip": Term(
        "Predictions on pictures",
        "Held-out pictures with the class that the network predicts. Worst first shows those whose true class it "
        "thinks least likely.",
    ),
    "curves": Term(
        "Training curves",
        "Loss and score after every epoch, for training rows and held-out rows. Both falling is learning; held-out "
        "loss rising while training loss falls is overfitting; jumping up and down is too high a learning rate.",
    ),
    "confusion": Term(
        "Confusion matrix",
        "How many held-out rows of each true class (rows of the table) were predicted as each class (columns). Right "
        "answers are on the diagonal; every other cell is a kind of mistake.",
    ),
    "fit": Term(
        "Fit",
        "Predicted against true numbers of held-out rows: on the diagonal they agree. Residuals show how far each "
        "prediction is off.",
    ),
    "accuracy": Term(
        "Accuracy", "The share of rows whose class is predicted right.", r"\frac{\text{right}}{\text{all}}"
    ),
    "loss_value": Term(
        "Training and held-out loss",
        "The mean loss of the rows. That of training rows is averaged over the epoch, while weights change; that of "
        "held-out rows is measured after it.",
    ),
    "mae": Term(
        "MAE", "Mean absolute error: by how much predictions are off, on average.", r"\frac{1}{n} \sum |y - \hat y|"
    ),
    "r2": Term(
        "R²",
        "What share of the target's variance the network explains: 1 is perfect, 0 is as good as always predicting the "
        "mean, below 0 is worse.",
        r"1 - \frac{\sum (y - \hat y)^2}{\sum (y - \bar y)^2}",
    ),
    "gap": Term(
        "Gap",
        "By how much the network does worse on held-out rows than on training rows. A growing gap is overfitting.",
    ),
    "test": Term(
        "Test score",
        "The score on rows that were used for nothing else, measured once, at the end. Choosing settings by it would "
        "make it too good.",
    ),
    "epoch_time": Term(
        "Milliseconds per epoch",
        "How long an epoch took on average, without the waiting that the speed adds.",
    ),
    "overfitting": Term(
        "Overfitting",
        "The network learns what is particular to its training rows: the training loss falls while the held-out loss "
        "rises. More rows, a smaller network, penalties, dropout or early stopping help.",
    ),
    "plateau": Term(
        "Plateau",
        "The loss hardly falls any more, well above what is possible. The network may be too small, its gradients may "
        "fade, or it has too few steps.",
    ),
    "diverged": Term(
        "Diverged",
        "The loss grows without end, or becomes NaN or infinite. Almost always the learning rate is too high, or the "
        "inputs are not scaled.",
    ),
    "precision": Term(
        "Precision", "Of the rows predicted as a class, the share that are of it.", r"\frac{TP}{TP + FP}"
    ),
    "recall": Term("Recall", "Of the rows of a class, the share that are predicted as it.", r"\frac{TP}{TP + FN}"),
    "link": Term(
        "Link",
        "The address of this experiment. Opened elsewhere it shows the same one, and training gives the same history.",
    ),
    "command": Term("Command line", "Trains the same experiment in a terminal, without a browser."),
}
