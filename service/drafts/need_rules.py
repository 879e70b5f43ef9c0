"""The forms of sentences that need no citation, as patterns for `need`, in order."""

from typing import Literal

Kind = Literal[
    "claim", "prior_work", "structure", "own_work", "notation", "transition",
    "acknowledgement", "availability", "abstract", "caption", "fragment",
]  # fmt: skip
"""What a sentence does in a draft. The first two may need a citation, no others do."""

_DOCUMENT = r"(?:paper|article|manuscript|chapter|thesis|report|essay|document|study|survey|review)"
_PART = r"(?:sub)?(?:section|chapter|appendix|part|paragraph)s?"
OBJECT = (
    r"(?-i:Sections?|Sect?s?\.|§§?|Chapters?|Chaps?\.|Appendi(?:x|ces)|App\.|Tables?|Tabs?\."
    r"|Figures?"
    r"|Figs?\.|Equations?|Eqn?s?\.?|Algorithms?|Algs?\.|Listings?|Theorems?|Lemmas?|Lemmata"
    r"|Corollar(?:y|ies)|Propositions?|Examples?|Footnotes?|Panels?)"
    r"\s*(?-i:\(?[A-Z]?\d[\d.]*|\(?[A-Z]\b|\(?[IVX]+\b)"
)
_SHOWN = (
    r"(?:shown|given|listed|described|discussed|explained|reported|illustrated|detailed|provided"
    r"|summari[sz]ed|reproduced|sketched|presented|outlined|found|displayed|depicted|addressed)"
)
_SUPPLEMENT = r"(?:appendi(?:x|ces)|supplement(?:s|ary|al)?\b)"
_OWN_SUBJECT = (
    rf"^(?:this|the|our|all|both)\b.{{0,30}}\b(?:work|project|research|trial|authors?|{_DOCUMENT})"
)
_PUBLISHED = r"(?:available|released|published|downloaded|shared|deposited|open[- ]sourced|found)"
_THINGS = (
    r"(?:code|scripts?|data|data ?sets?|corpus|corpora|models?|weights|materials?|implementation"
    r"|software|resources?|annotations|stimuli|recordings|transcripts)"
)
_SETTING = (
    r"(?:batch(?: size|es)|learning rate|warm-?up|dropout|epochs?|early stopping|seeds?|patience"
    r"|weight decay|gradient clipping|beam|temperature|margin|momentum|(?:hidden|embedding) size"
    r"|layers|hyper-?parameters?|steps|iterations|GPUs?|CPUs?|graphics cards?|optimi[sz]er)"
)
_PEOPLE = (
    r"(?:participants|subjects|students|volunteers|respondents|annotators|raters|coders|judges"
    r"|interviewees|patients|parents|controls|informants)"
)

_DONE_BY_HAND = (
    r"(?:dropped|stripped|stained|housed|mounted|read|annealed|registered|reviewed|cleared|done"
    r"|conducted|performed"
    r"|carried|administered|anonymi[sz]ed|assigned|acquired|adjusted|aligned|analy[sz]ed|archived"
    r"|asked|assessed by"
    r"|averaged|balanced|binned|bought|calculated|calibrated|captured|centred|centered|checked"
    r"|chosen|cleaned|coded"
    r"|computed|concatenated|converted|cooled|corrected|counted|cropped|cultured|cut|deleted"
    r"|digiti[sz]ed|dissected"
    r"|divided|dried|entered|estimated with|excluded|extracted|filled|filmed|filtered|fixed|fed"
    r"|grouped|heated|held"
    r"|imported|imputed|incubated|injected|inserted|instructed|interviewed|invited|kept|labell?ed"
    r"|left|limited to"
    r"|loaded|manually|masked|matched for|measured (?:at|with|in|twice|by)|merged|mixed|moved"
    r"|normali[sz]ed|numbered"
    r"|padded|pasted|photographed|placed|plotted|polished|pooled|preregistered|prepared|printed"
    r"|processed|programmed"
    r"|purchased|put|randomly|recorded|removed|rendered|repeated|replaced|resampled|rescaled"
    r"|resi[sz]ed|rinsed"
    r"|rotated|rounded|sampled from|scanned|scored|screened|seated|segmented|selected|sequenced"
    r"|shuffled|sliced|sorted"
    r"|split|standardi[sz]ed|stored|supplied|tested (?:for|in|with|on)|timed|tokeni[sz]ed"
    r"|translated by|trimmed"
    r"|truncated|tuned|typed|validated by|visited|weighed|weighted|wrapped|written)"
)

PATTERNS: dict[Kind, tuple[str, ...]] = {
    "acknowledgement": (
        r"^(?:we|i|the authors?)\b.{0,40}\b(?:thank|acknowledge[s]? (?:the|funding|support)"
        r"|grateful|indebted)\b",
        rf"{_OWN_SUBJECT}\b.{{0,30}}\b(?:supported|funded|financed|sponsored)\b.{{0,20}}\bby\b",
        r"\b(?:under|by|through|from) (?:the )?(?:grant|contract|award)s?\b|\bgrant (?:no|number"
        r"|agreement)\b",
        r"\bfund(?:er|ing|ing source|ing bod(?:y|ie))s? (?:had|played) no\b",
        r"\b(?:competing|conflicts? of|conflicting) (?:financial )?interests?\b",
        r"\bauthors? (?:contributed equally|(?:read|wrote|approved|contributed to|reviewed) )",
        r"\b(?:views?|opinions?) (?:expressed|stated)\b|\bremaining errors?\b",
        r"\bowe (?:\w+ )?thanks\b|\bno (?:financial|competing|commercial) interest\b|^the grant"
        r" (?:paid|covered|funded)\b",
        r"^special thanks\b|\b(?:is|are|am) (?:also |very |deeply |most )?(?:indebted|grateful)"
        r" to\b|\bprovided by the .{0,40}\bcent(?:re|er)\b",
        r"\bwrote the (?:first draft|paper|manuscript)\b|^(?-i:[A-Z])\. ?(?-i:[A-Z])\.,?"
        r" (?:designed|conceived)",
    ),
    "availability": (
        rf"^(?:our|the|all|both)\b.{{0,40}}\b{_THINGS}\b.{{0,60}}\b(?:is|are|will be|can be|was"
        rf"|were"
        rf"|has been|have been)\b.{{0,25}}\b{_PUBLISHED}\b.{{0,30}}"
        r"\b(?:at|on|from|in|under|upon|via|online|request|acceptance|publication|address)\b",
        rf"^(?:our|the|all)\b.{{0,40}}\b{_THINGS}\b.{{0,40}}\b(?:is|are) (?:publicly|freely"
        rf"|openly) available",
        rf"\bwe (?:will |also |plan to )?(?:release|share|publish|open-source) (?:our|all|the)"
        rf" (?:\w+ ){{0,2}}{_THINGS}\b",
        rf"\bwe (?:will |also )?make .{{0,60}}\b{_THINGS}\b.{{0,30}}\bavailable\b",
        r"^an? (?:\w+ )?(?:demo|video|recording|copy|implementation|repository) (?:is|can be)\b",
        r"\b(?:can|may|will) be (?:requested|obtained|downloaded|accessed) (?:from|on|at|via)\b"
        r"|\baccompany this (?:article|paper)\b",
        r"\b(?:project|web|companion) ?(?:page|site)\b|\bpart of the release\b|\b(?:be"
        r" )?contacted for access\b",
        r"\bavailable (?:from the (?:corresponding )?authors?|(?:up)?on (?:reasonable )?request)\b",
    ),
    "structure": (
        OBJECT,
        rf"\b(?:rest|remainder) of (?:this|the|our) {_DOCUMENT}\b",
        rf"\b{_DOCUMENT} (?:is|has been) (?:\w+ )?(?:organi[sz]ed|structured|laid out|divided)"
        rf" (?:as|in|into)\b",
        rf"\b{_DOCUMENT} (?:then |now )?(?:proceeds|closes|ends|begins|opens|starts|concludes)\b",
        rf"^(?:this|(?:in )?the (?:next|following|previous|preceding|last|final)|each|(?:in"
        rf" )?th(?:is|ese)) (?:two |three )?{_PART}\b",
        rf"\b(?:in|see|to) (?:the|this|our|an) (?:next |following |previous |online"
        rf" )?(?:{_PART}\b|{_SUPPLEMENT})",
        rf"\b{_SHOWN}\b(?: \w+)? (?:below|above|earlier|later|elsewhere|in (?:the|our|an)"
        rf" (?:figure|table|diagram|text|{_SUPPLEMENT}))",
        r"^(?:see|cf\.|compare) (?:also|below|above|the|our)\b",
        rf"\b(?:our|main|key|following|paper'?s?|{_DOCUMENT}) contributions?\b.{{0,30}}\b(?:is"
        rf"|are|can be)\b",
        rf"\b(?:{_DOCUMENT}|we) makes? (?:the following|\w+) (?:\w+ )?contributions?\b",
        r"\b(?:the following|our|these|two|three|four|several) (?:main )?research questions?\b",
        r"\bresearch questions? (?:is|are|reads?)\b|^(?:RQ|H) ?\d\b",
        r"^(?:the )?(?:left|right|top|bottom|upper|lower|middle)(?:most)?[- ](?:panel|plot|curve"
        r"|column|row|half|hand)\b",
        r"^(?:the |each )?(?:rows?|columns?|axes|axis|[xy]-axis|panels?|curves?|bars?|numbers?"
        r"|figures|values)\b"
        r".{0,30}\b(?:shows?|lists?|gives?|correspond|plots?|marks?|are|is|indicates?"
        r"|represents?)\b",
        r"^(?:bold(?:face)?|underlined?|starred|italic)\b|\bmarked (?:with|by) an? (?:asterisk"
        r"|star|dagger)\b",
        r"\b(?:in each|per|of each|of the same) (?:row|column)\b|^(?:the )?error bars\b",
        r"\bstandard (?:errors|deviations) (?:are )?(?:given )?in (?:parentheses|brackets)\b",
        rf"\b(?:version|abstract|draft|part)s? of this (?:work|{_DOCUMENT})\b|\bthis version\b",
        r"^correspondence\b|^key ?words?\b|^(?:\(?\d+\)?(?:,? and \(?\d+\)?)?) (?:differ|are)\b",
        rf"^the (?:results|scores|findings|details|numbers) are {_SHOWN}\b",
        r"\b(?:as follows|the following)[.:]?$",
        r"^(?:for|in) the (?:sake|interests?) of \w+\b|\b(?:results?|scores?|values?|figures?)"
        r" (?:is|are) (?:\w+ )?in bold\b",
        r"^as (?:already )?(?:mentioned|noted|said|shown|described|discussed|explained|seen)"
        r" (?:above|before|earlier|below)\b",
        r"^(?:some )?readers (?:may|might|will|who)\b|\btoo (?:large|long) to (?:print|list"
        r"|show)\b|\b(?:axis|axes) (?:is|are)\b",
        r"^(?:cells|rows|columns|entries|boxes|bars|dots|lines) with\b.{0,60}\b(?:left|shown"
        r"|empty|marked|shaded)\b",
        r"^(?:for|in) (?:(?:the )?(?:sake|interests?) of )?(?:brevity|reasons of space|lack of"
        r" space|simplicity|completeness|clarity)\b",
        r"\b(?:beyond|outside) the scope of\b|\bdue to (?:space|lack of space)|^unless (?:stated"
        r"|noted|specified|otherwise)\b",
        r"^(?:dashed|solid|dotted|shaded|darker|lighter|gr[ae]y|red|blue|green|black|open"
        r"|filled) (?:lines?|cells?|bars?|dots?|areas?|circles?|boxes|regions?|curves?)\b",
        r"\b(?:limitations?|weaknesses|shortcomings) of (?:our|this|the present)\b",
    ),
    "notation": (
        r"^(?:let|suppose|assume|denote|fix)\b(?! us\b)|^(?:we|i) (?:denote|let)\b",
        r"^where\b|^here,? (?-i:[a-zA-Zα-ωΑ-Ω])\W|\bdenotes? (?:the|an?|by)\b",
        r"^we write (?-i:[A-Za-zα-ωΑ-Ω])\b|\b(?:sub|super)scripts?\b.{0,20}\b(?:stand|denote"
        r"|refer|indicate)",
        r"\bwithout loss of generality\b|^it (?:remains|suffices) to (?:show|prove|check|verify)\b",
        r"^(?:the|this|our) (?:proof|theorem|lemma|claim|corollary|proposition|result) (?:now "
        r"|then )?"
        r"(?:is (?:complete|given|similar|by|immediate)|follows|holds|uses)\b|\bthe proof of\b",
        r"^this (?:completes|concludes|proves|establishes|finishes) the\b|\bby (?:assumption"
        r"|induction|construction|definition)\b",
        r"^(?:by )?(?:combining|substituting|inserting|plugging|summing|integrating"
        r"|differentiating|rearranging)\b"
        r".{0,80}\b(?:yields?|gives?|we (?:obtain|get|have|see)|leads to)\b",
        r"^in (?:what follows|the following), all\b|\bin closed form\b|^(?:hence|thus"
        r"|therefore),? we (?:obtain|get|have)\b",
        r"^(?:we|i) (?:define|set) (?:the|this|its|our) .{0,60}\b(?:as|to|by)\b",
        r"^set (?-i:[a-zA-Z]) (?:equal )?to\b|^we abbreviate\b|^(?:both|all) sides\b|^this"
        r" contradicts the\b|\bis non-(?:negative|zero|empty)\b",
        r"^an (?:analogous|identical|easy|elementary|explicit) (?:calculation|computation)\b"
        r"|^(?:all )?(?:vectors|matrices|sets) are written\b",
        r"^for ease of notation\b|^throughout,|\bthe converse\b|^an? (?:analogous|similar)"
        r" argument\b|\bleft to the reader\b",
        r"^recall that\b|^note that (?:the|this|these|we|our|here)\b",
    ),
    "transition": (
        r"^(?:we|i) (?:now|next|then|first|finally|briefly|here)? ?(?:turn|come back|return|move"
        r" on|go on|proceed) (?:now )?to\b",
        r"^(?:we|i) (?:now |first |next )?(?:begin|start|close|end|finish|conclude) (?:with|by)\b",
        r"^(?:let us|let me)\b|\blet us\b|^having (?:now )?(?:described|established|shown|seen"
        r"|introduced|defined|discussed)\b",
        r"^with (?:this|that|these) in mind\b|^(?:for (?:example|instance), )?consider(?: again|"
        r" now| the| an?| two)\b",
        r"^(?:next|now|first|second|third|finally|lastly|below|here),? (?:we|i) (?:\w+"
        r" )?(?:discuss|describe|outline"
        r"|review|summari[sz]e|explain|look at|turn to|consider|present|introduce|sketch"
        r"|define)\b(?:\W+\w+){1,6}\W*$",
        r"^(?:below|in what follows|in the following|hereafter),? (?:we|i)\b",
        r"\b(?:leave|left|reserved?|deferred?|postponed?)\b.{0,80}\b(?:for|to) (?:future|later"
        r"|further) (?:work|research|studies)\b|^(?:as|in) future work\b|^future (?:work"
        r"|research) (?:will|could|should|may|might)\b",
        r"^(?:we|i) hope\b|^to (?:sum up|conclude|be clear)\b|^to answer (?:this|these)"
        r" questions?,? we (?:carried out|conducted|ran|run|performed|ask|asked)\b",
        r"^(?:this|these|both) (?:\w+ )?(?:is|are) (?:discussed|explained|described|considered"
        r"|taken up|left)\b",
    ),
    "own_work": (
        rf"\bwe (?:\w+ ){{0,2}}(?:use|used|train|trained|fine-?tuned?|set|chose|choose|tuned?"
        rf"|optimi[sz]ed?|ran?|run"
        rf"|appl(?:y|ied)|pre-?train(?:ed)?|initiali[sz]ed?)\b.{{0,80}}\b{_SETTING}\b",
        rf"^(?:the|our|all)?\s*(?:\w+ )?{_SETTING}\b.{{0,20}}\b(?:is|was|are|were) (?:then"
        rf" )?(?:set|chosen|fixed|tuned|halved|decayed"
        r"|reduced|selected|kept|linearly|\d)",
        r"^(?:all|both|the|our|each|every)? ?(?:experiments?|models?|runs?|training|systems?"
        r"|networks?|simulations?|analyses) (?:was|were|is|are)"
        r" (?:all )?(?:run|trained|implemented|repeated|performed|carried out|conducted"
        r"|fine-tuned) (?:on|in|with|using|for|\w+ times)\b",
        r"^(?:the )?training (?:took|takes|lasted)\b|\b(?:written|implemented) in (?:Python|R"
        r"|Java|C|Julia|PyTorch|TensorFlow|MATLAB|Rust)\b",
        r"\bwe (?:\w+ )?(?:split|partition(?:ed)?|divided?|shuffled?) (?:the|our|each|all)\b"
        r"|\btraining, (?:development|validation),? and test (?:sets?|data)\b",
        r"\bwe (?:report|give) (?:the )?(?:mean|average|median)s?\b|\bwe (?:evaluate|measure"
        r"|score)d? (?:\w+ )?(?:with|by|using|in terms of)\b"
        r".{0,40}\b(?:F1|F-score|accuracy|precision|recall|BLEU|perplexity|error)\b",
        r"^we (?:then |also |first |manually )?(?:removed?|excluded?|discard(?:ed)?|filter(?:ed)?"
        r"|kept|lower-?cased?|tokeni[sz]ed?|normali[sz]ed?|recruited"
        r"|interviewed|resampled|down-?sampled)\b",
        r"^(?:the|our) (?:final|resulting|complete|whole)? ?(?:corpus|data ?set|sample"
        r"|(?:training|test|development) set|collection)"
        r" (?:contain|consist|compris|includ|ha[sd])(?:s|ed|es|d)?\b.{0,40}\d",
        r"\b(?:informed|written|oral|parental) consent\b|\bethic(?:s|al) (?:committee|board"
        r"|approval|review)\b|\breview board\b|\bwas approved by\b",
        r"\bapproved the (?:study|protocol)\b|\bdeclaration of\b|\bin accordance with the\b",
        rf"^(?:all |the |our |both )?{_PEOPLE} (?:were|was|gave|had been) (?:then |also |all"
        rf" )?(?:paid|recruited|trained|compensated|reimbursed"
        r"|debriefed|instructed|asked|told|shown|native|randomly|invited|seated|given|excluded"
        r"|written|selected)\b",
        rf"^(?:two|three|four|five|six|\d+|both|the|our) (?:\w+ )?{_PEOPLE} (?:\w+ )?(?:label"
        rf"|annotat|cod|rat|judg|transcrib)\w*ed\b",
        r"\b(?:interviews?|sessions?|recordings?|questionnaires?|surveys?) (?:lasted|had|took"
        r"|contained|consisted of|comprised|was|were) ?"
        r"(?:between|about|\d|recorded|transcribed|audio|conducted|held|\w+"
        r" items)?\b.{0,40}(?:\d|verbatim|transcribed|recorded|items|minutes)",
        r"\b(?:samples?|blood|specimens?|tissues?|sera|serum|plasma|urine|cells) (?:was|were)"
        r" (?:then )?(?:stored|drawn|collected|taken|centrifuged|frozen"
        r"|kept|obtained|extracted|washed|incubated|thawed)\b",
        r"^(?:the )?data (?:was|were) (?:collected|gathered|obtained|recorded|entered"
        r"|acquired)\b|\battention checks?\b|\bof whom \d",
        # agentless, past, and done by hand: how a study was carried out
        rf"^(?:[\w-]+,? ){{1,7}}(?:was|were) (?:then |all |first |only |also |again |\w+ly"
        rf" )?{_DONE_BY_HAND}\b",
        rf"^(?:all |the |our |each )?(?:two |three |\d+ )?{_PEOPLE} (?:\w+ly )?(?:worked|answered"
        rf"|rated|received|sat|filled"
        r"|completed|signed|saw|read|heard|listened|watched|pressed|chose|wore|took part)\b",
        r"^our (?:hardware|set-?up|implementation|code|server|software)\b|^(?:decoding|inference"
        r"|encoding|training) (?:uses?|used|takes?)\b",
        r"^all (?:\w+ )?(?:tests|analyses|models|p-values) (?:were|are)\b|^(?:the )?(?:interview"
        r"|survey|questionnaire|diary|mixture|solution)\b"
        r".{0,40}\b(?:was|were|contained|consisted|lasted|had|comprised)\b",
        r"\btaking part\b|\bnot eligible\b|\bintention-to-treat\b|^the experimenter\b|\bunder"
        r" way\b",
    ),
}  # fmt: skip
"""What tells each kind of sentence that needs no citation; the first that fits is taken."""
