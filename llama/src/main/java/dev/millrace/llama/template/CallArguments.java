package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The arguments of a call as written in the template. *Immutable.*
///
/// @param spreadList what stands behind `*`
/// @param spreadMap what stands behind `**`
record CallArguments(
        List<Expression> positional,
        Map<String, Expression> named,
        @Nullable Expression spreadList,
        @Nullable Expression spreadMap) {
    static final CallArguments NONE = new CallArguments(List.of(), Map.of(), null, null);

    Arguments in(String callee, Scope scope) {
        List<Object> values = new ArrayList<>(positional.size());
        for (Expression argument : positional) {
            values.add(argument.in(scope));
        }
        if (spreadList != null) {
            values.addAll(Values.elements(spreadList.in(scope), scope.budget()));
        }
        Map<String, Object> byName = new LinkedHashMap<>();
        named.forEach((name, argument) -> byName.put(name, argument.in(scope)));
        if (spreadMap != null && spreadMap.in(scope) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> byName.put(Values.text(name), value));
        }
        return new Arguments(callee, values, byName, scope.budget());
    }
}
