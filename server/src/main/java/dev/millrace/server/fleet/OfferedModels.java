package dev.millrace.server.fleet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which models of an upstream are offered, and what it calls them. *Immutable.*
final class OfferedModels {
    private final Map<String, String> chosen = new LinkedHashMap<>();

    /// @param configured each as `name` or `public-name=its-own-name`; empty = all that it lists
    OfferedModels(List<String> configured) {
        for (String item : configured) {
            int equals = item.indexOf('=');
            if (equals < 0) {
                chosen.put(item, item);
            } else {
                chosen.put(
                        item.substring(0, equals).strip(),
                        item.substring(equals + 1).strip());
            }
        }
    }

    /// True if it is configured what is offered, so that no list is needed.
    boolean areChosen() {
        return !chosen.isEmpty();
    }

    /// Public name to its own name, when it lists nothing.
    Map<String, String> unlisted() {
        return chosen;
    }

    /// Public name to its own name, of those that it lists.
    Map<String, String> among(List<String> listed) {
        Map<String, String> offered = new LinkedHashMap<>();
        if (chosen.isEmpty()) {
            listed.forEach(name -> offered.put(name, name));
        } else {
            chosen.forEach((name, own) -> {
                if (listed.contains(own)) {
                    offered.put(name, own);
                }
            });
        }
        return offered;
    }
}
