package org.porchlight.relay.webrtc.srtp;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.util.Optional;

/**
 * A native library, reached by the foreign-function API of JDK 22 and later. That API is looked up by reflection, as this code must also
 * run on 17, but only here: the handles it hands out are called directly. Addresses are passed as longs, which every 64-bit calling
 * convention treats as pointers. Immutable.
 */
final class ForeignLibrary {
    private final Object linker;
    private final Object symbols;
    private final Method find;
    private final Method descriptorOf;
    private final Method descriptorOfVoid;
    private final Method downcall;
    private final Class<?> layoutType;
    private final Object longLayout;
    private final Object intLayout;
    private final Object options;
    private final Object criticalOptions;

    /**
     * Loads a library for the life of the process.
     *
     * @throws UnsupportedOperationException when this JDK has no such API or forbids it, or the library is not there
     */
    ForeignLibrary(String fileName) {
        try {
            Class<?> linkerType = Class.forName("java.lang.foreign.Linker");
            Class<?> optionType = Class.forName("java.lang.foreign.Linker$Option");
            Class<?> arenaType = Class.forName("java.lang.foreign.Arena");
            Class<?> symbolsType = Class.forName("java.lang.foreign.SymbolLookup");
            Class<?> segmentType = Class.forName("java.lang.foreign.MemorySegment");
            Class<?> descriptorType = Class.forName("java.lang.foreign.FunctionDescriptor");
            Class<?> valueType = Class.forName("java.lang.foreign.ValueLayout");
            layoutType = Class.forName("java.lang.foreign.MemoryLayout");
            Class<?> layouts = layoutType.arrayType();
            longLayout = constant(valueType, "JAVA_LONG");
            intLayout = constant(valueType, "JAVA_INT");
            descriptorOf = descriptorType.getMethod("of", layoutType, layouts);
            descriptorOfVoid = descriptorType.getMethod("ofVoid", layouts);
            downcall = linkerType.getMethod("downcallHandle", segmentType, descriptorType, optionType.arrayType());
            find = symbolsType.getMethod("find", String.class);
            linker = linkerType.getMethod("nativeLinker").invoke(null);
            options = Array.newInstance(optionType, 0);
            criticalOptions = Array.newInstance(optionType, 1);
            Array.set(
                    criticalOptions,
                    0,
                    optionType.getMethod("critical", boolean.class).invoke(null, false));
            Object global = arenaType.getMethod("global").invoke(null);
            symbols = symbolsType
                    .getMethod("libraryLookup", String.class, arenaType)
                    .invoke(null, fileName, global);
        } catch (ReflectiveOperationException e) {
            throw unsupported(fileName, e);
        }
    }

    private static Object constant(Class<?> type, String name) throws ReflectiveOperationException {
        return type.getField(name).get(null);
    }

    /** A function of the library; its handle's type is {@code (long or int, ...) -> result}, for {@code invokeExact}. */
    MethodHandle function(String name, Class<?> result, Class<?>... parameters) {
        return bind(name, options, result, parameters);
    }

    /**
     * As {@link #function}, without the thread's change of state around the call, which saves most of its price: for functions that
     * return within microseconds, as the collector waits for them.
     */
    MethodHandle shortFunction(String name, Class<?> result, Class<?>... parameters) {
        return bind(name, criticalOptions, result, parameters);
    }

    private MethodHandle bind(String name, Object linkerOptions, Class<?> result, Class<?>... parameters) {
        try {
            Object layouts = Array.newInstance(layoutType, parameters.length);
            for (int i = 0; i < parameters.length; i++) {
                Array.set(layouts, i, layout(parameters[i]));
            }
            Object descriptor = result == void.class
                    ? descriptorOfVoid.invoke(null, layouts)
                    : descriptorOf.invoke(null, layout(result), layouts);
            Object address = ((Optional<?>) find.invoke(symbols, name))
                    .orElseThrow(() -> new UnsupportedOperationException("the library has no " + name));
            return (MethodHandle) downcall.invoke(linker, address, descriptor, linkerOptions);
        } catch (ReflectiveOperationException e) {
            throw unsupported(name, e);
        }
    }

    private Object layout(Class<?> type) {
        return type == long.class ? longLayout : intLayout;
    }

    private static UnsupportedOperationException unsupported(String what, ReflectiveOperationException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new UnsupportedOperationException("cannot bind " + what + ": " + cause, cause);
    }
}
