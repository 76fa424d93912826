package io.penstock.jms.jndi;

import java.util.function.UnaryOperator;
import javax.naming.ConfigurationException;

/** Replaces <code>${name}</code> and <code>${name:-default}</code> once; what is put in is not looked at again. */
final class Variables {
    private final UnaryOperator<String> values;

    /** @param values null for what has no value */
    Variables(UnaryOperator<String> values) {
        this.values = values;
    }

    String resolve(String text) throws ConfigurationException {
        StringBuilder result = new StringBuilder();
        int from = 0;
        for (int open = text.indexOf("${"); open >= 0; open = text.indexOf("${", from)) {
            int close = text.indexOf('}', open);
            if (close < 0) {
                throw new ConfigurationException("'" + text + "' has ${ without }");
            }
            result.append(text, from, open).append(value(text.substring(open + 2, close), text));
            from = close + 1;
        }
        return result.append(text, from, text.length()).toString();
    }

    private String value(String variable, String text) throws ConfigurationException {
        int dash = variable.indexOf(":-");
        String value = values.apply(dash < 0 ? variable : variable.substring(0, dash));
        if (value != null) {
            return value;
        }
        if (dash < 0) {
            throw new ConfigurationException(
                    "'" + text + "' names ${" + variable + "}, which has no value; write ${" + variable + ":-default}");
        }
        return variable.substring(dash + 2);
    }
}
