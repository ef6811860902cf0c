# ExampleSentence.cmake - the figures of data/example_sentence.json as C arrays.
#
# heed_example_header(<json> <header>) writes one `static const double` array, row after
# row, for each quantity of the example, so that its numbers stand in one place only.

function(heed_example_matrix json name)
    string(JSON matrix GET "${json}" ${ARGN})
    string(REGEX REPLACE "[][]" "" numbers "${matrix}")
    set(code "${code}static const double ${name}[] = {${numbers}};\n" PARENT_SCOPE)
endfunction()

function(heed_example_header source header)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    file(READ ${source} json)
    set(code "/* Written from ${source}. */\n")

    heed_example_matrix("${json}" embeddings embeddings)
    foreach(quantity IN ITEMS scores softmax_weights context)
        heed_example_matrix("${json}" published_${quantity} unweighted published ${quantity})
    endforeach()
    foreach(quantity IN ITEMS scores softmax_weights context vanilla_weights vanilla_context)
        heed_example_matrix("${json}" exact_${quantity} unweighted float64 ${quantity})
    endforeach()
    foreach(weights IN ITEMS Wq Wk Wv)
        heed_example_matrix("${json}" ${weights} weighted ${weights})
    endforeach()
    foreach(quantity IN ITEMS query key value scores softmax_weights context)
        heed_example_matrix("${json}" published_weighted_${quantity} weighted published ${quantity})
        heed_example_matrix("${json}" exact_weighted_${quantity} weighted float64 ${quantity})
    endforeach()
    file(CONFIGURE OUTPUT ${header} CONTENT "${code}" @ONLY)
endfunction()
