package dev.millrace.llama.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The functions every template can call.
final class Functions {
    /// The longest `range`, as in Jinja's sandbox.
    private static final int MAX_RANGE = 100_000;

    private Functions() {}

    /// Adds them to the outermost scope.
    static void define(Scope scope, Clock clock) {
        function(scope, "range", Functions::range);
        function(scope, "namespace", a -> new Namespace(dictionary(a).named()));
        function(scope, "dict", a -> dictionary(a).values());
        function(scope, "raise_exception", a -> {
            throw TemplateFault.refusal(a.text(0, "message"));
        });
        function(scope, "strftime_now", a -> Strftime.format(a.text(0, "format"), ZonedDateTime.now(clock)));
    }

    private static void function(Scope scope, String name, Callable function) {
        scope.set(name, function);
    }

    private static Object range(Arguments a) {
        boolean one = a.positional().size() == 1;
        long from = one ? 0 : Values.integer(a.required(0, "start"));
        long to = one ? Values.integer(a.required(0, "stop")) : Values.integer(a.required(1, "stop"));
        long step = a.integer(2, "step", 1);
        if (step == 0) {
            throw TemplateFault.error("range() step must not be zero");
        }
        List<Object> range = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            if (range.size() == MAX_RANGE) {
                throw TemplateFault.error("range() of more than " + MAX_RANGE + " numbers");
            }
            a.budget().step();
            range.add(i);
        }
        return range;
    }

    private static Made dictionary(Arguments a) {
        Map<Object, Object> values = new LinkedHashMap<>();
        if (!a.positional().isEmpty()) {
            Object first = a.positional().getFirst();
            if (first instanceof Map<?, ?> map) {
                values.putAll(map);
            } else {
                for (Object pair : Values.elements(first, a.budget())) {
                    values.put(Operators.key(Access.item(pair, 0L)), Access.item(pair, 1L));
                }
            }
        }
        values.putAll(a.named());
        return new Made(values);
    }

    private record Made(Map<Object, Object> values) {
        Map<String, Object> named() {
            Map<String, Object> named = new LinkedHashMap<>();
            values.forEach((key, value) -> named.put(Values.text(key), value));
            return named;
        }
    }
}
