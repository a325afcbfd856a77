"""The glossary's terms about data."""

from __future__ import annotations

from core.glossary.term import Choice, Term

DATA_TERMS = {
    "recipe": Term(
        "Recipe",
        "A network from a published tutorial, with exactly its data, layers and settings. Choosing one replaces the "
        "experiment in the lab. Train it, then change one thing.",
    ),
    "data_set": Term(
        "Data set",
        "What the network learns from. Each row has inputs and a target: a class, or for regression a number. "
        "Another data set starts with its own defaults.",
    ),
    "points": Term(
        "Points",
        "How many rows are generated. More rows make it harder to memorize single ones, so the held-out figures come "
        "closer to the training figures.",
    ),
    "noise": Term(
        "Noise, spread",
        "How far points are scattered from their shape, or what share of them has a random label. With much noise the "
        "classes overlap, and no network can get every point right.",
    ),
    "arms": Term(
        "Arms",
        "How many arms the spiral has. Each is a class of its own, so guessing gets one in so many right.",
    ),
    "blob_classes": Term(
        "Classes",
        "How many clouds of points there are. Each is a class, with an output unit of its own if there are more than "
        "two.",
    ),
    "pictures_per_person": Term(
        "Pictures per person",
        "People with fewer pictures than the minimum are left out; of others, at most the maximum is used, so that "
        "frequent faces do not outweigh rare ones.",
    ),
    "inputs": Term(
        "Inputs",
        "What the network receives for each point: its two coordinates, or squares, products and sines of them. A good "
        "input can replace a hidden layer. In the small maps, orange is high and blue is low.",
    ),
    "split": Term(
        "Held-out rows",
        "Rows that are kept away from training, to see how the network does on rows it has not met. Stratified keeps "
        "the share of every class the same in both parts.",
        choices={
            "stratified": Choice("Rows are drawn at random, with the same share of every class in both parts."),
            "ordered": Choice("The first rows of the data set train, and the rest is held out."),
            "all": Choice("Every row trains, so nothing shows how the network does on new rows."),
        },
    ),
    "held_out_share": Term(
        "Held-out share",
        "What share of all rows is held out. A larger share gives a more certain score, and leaves fewer rows to learn "
        "from.",
    ),
    "train_rows": Term("Training rows", "How many of the first rows train; all rows after them are held out."),
    "validation": Term(
        "Validation share",
        "Above 0, the rows are split three ways: training rows, validation rows (measured after every epoch) and test "
        "rows (the held-out rows, measured once, at the end).",
    ),
    "train_share": Term(
        "Training rows used",
        "The network is trained on this share of its training rows, of every class. The held-out rows stay the same, "
        "so you see what more rows are worth.",
    ),
    "scaling": Term(
        "Scaling",
        "Brings all inputs to a similar size. Without it, an input in thousands drowns one that varies between 0 and "
        "1, and training is slow or fails. It is learned from the training rows alone.",
        r"z = \frac{x - \mu}{\sigma}",
        {
            "none": Choice("The inputs stay as they are."),
            "standard": Choice(
                "Each input gets a mean of 0 and a standard deviation of 1.", r"z = \frac{x - \mu}{\sigma}"
            ),
            "minmax": Choice(
                "Each input is brought to the range from 0 to 1.", r"z = \frac{x - \min x}{\max x - \min x}"
            ),
        },
    ),
    "data_seed": Term(
        "Data seed",
        "Which random points are generated, and which rows are held out. The same seed gives the same rows; another "
        "one shows how much of a score is luck.",
    ),
    "imbalance": Term(
        "Size of the smallest class",
        "The first class keeps all its rows and the last keeps this share; the classes between them shrink step by "
        "step. With rare classes, accuracy hides how the rare ones do.",
    ),
    "random_labels": Term(
        "Random training labels",
        "This share of the training rows gets a random class; held-out rows keep theirs. If training accuracy rises "
        "while held-out accuracy falls, the network is memorizing the labels.",
    ),
    "balance": Term(
        "Class balance in training",
        "What is done about rare classes: nothing, dropping rows of the common ones, or counting each row of a rare "
        "class more.",
        choices={
            "none": Choice("Rows are used as they are."),
            "cut": Choice("Rows of common classes are dropped until all classes have the same number."),
            "weights": Choice("Each row counts as much as makes all classes weigh the same."),
        },
    ),
    "plane": Term(
        "Plane",
        "With more than two features, the boundary can be drawn over two of them, or over the first two principal "
        "components: the directions in which the rows vary most.",
    ),
    "plane_axis": Term(
        "Axis",
        "The feature along this axis of the plane. The network always gets all features, whichever two are drawn.",
    ),
    "plane_row": Term(
        "Other features from training row",
        "Leave empty to hold all other features at their training medians, or enter a row to use its values.",
    ),
    "file": Term(
        "Your own file",
        "CSV or other text, Excel, Parquet, .npz, JSON, ARFF, tables of web pages, LIBSVM, Stata, SAS, or a .zip of "
        "picture folders, also packed.",
    ),
    "target": Term(
        "Target",
        "The column that the network learns to predict from the others. Words and few different numbers become "
        "classes; many different numbers make it regression.",
    ),
    "columns": Term(
        "Input columns",
        "The columns that the network may use. Leave out what would give the answer away, such as a number that was "
        "computed from the target, and what says nothing, such as a row number.",
    ),
    "column_types": Term(
        "Types of columns",
        "A column of numbers becomes one input; a column of categories becomes an input for each category, 1 where a "
        "row has it and 0 otherwise.",
    ),
    "missing": Term(
        "Missing values",
        "What stands in for a cell without a value: the column's median, its most frequent value, 0 or a category of "
        "its own. Or the row is dropped. It is learned from the training rows.",
    ),
    "rare": Term(
        "Rare categories",
        "Categories, or classes, with fewer rows than this become one. A network learns little from a handful of rows, "
        "and each category costs an input.",
    ),
    "file_form": Term(
        "File format",
        "How the file is read, where the automatic choice is wrong: its encoding, what separates columns and decimals, "
        "whether the first row has the names.",
    ),
    "picture_size": Term(
        "Picture size",
        "The central square of each picture is scaled to this width and height, in pixels. Every pixel is an input, so "
        "twice the size has four times the weights in the first layer.",
    ),
    "colour": Term(
        "Colour",
        "On: red, green and blue of each pixel are separate inputs. Off: one shade of grey per pixel.",
    ),
    "class": Term("Class", "One of a few answers, such as a species or a digit. Predicting it is classification."),
    "feature": Term(
        "Feature", "A measured property of a row, such as a length. Features become the inputs of the network."
    ),
}
