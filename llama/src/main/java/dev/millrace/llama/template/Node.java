package dev.millrace.llama.template;

import java.util.List;

/// A statement of a template and what stands between it and its end. The branches of an `if` or `for` are among its
/// children, each begun by its `elif` or `else`. *Immutable.*
record Node(Statement statement, List<Node> children) {
    Node {
        children = List.copyOf(children);
    }

    static Node leaf(Statement statement) {
        return new Node(statement, List.of());
    }

    boolean isBranch() {
        return statement instanceof Statement.Branch;
    }
}
