"""The words by which sentences that need no citation are told, as tables for `need`."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GENERIC = _words(
    # articles, pronouns, auxiliaries, prepositions, conjunctions
    "a an the this that these those it its they them their we us our i me my you your he she his her one ones who whom"
    " whose which what where when why how is are was were be been being am do does did done doing have has had having"
    " can could may might must shall should will would not no nor or and but if then else than as at by for from in into"
    " of off on onto out over per to up via with within without about above after again against all also although always"
    " among an another any anything are around because before behind below between both cannot down during each either"
    " enough even ever every far few first second third further here hence however just last least less let like many"
    " more most much near neither never next nothing now often once only other others otherwise own perhaps quite rather"
    " really same see several since so some something soon still such there thereby therefore though through throughout"
    " thus together too under unless until upon usually very well whether while yes yet already almost indeed instead"
    " merely namely finally lastly firstly secondly two three four five six seven eight nine ten half twice"
    # a text that speaks of itself
    " paper article section chapter appendix supplement thesis report essay text page figure table panel plot footnote"
    " paragraph sentence list outline overview summary introduction conclusion discussion limitation remark note notes"
    " question answer hypothesis claim argument objection point reason purpose aim goal idea issue matter problem topic"
    " step stage part aspect detail case example instance way order turn end beginning start rest remainder course kind"
    " sort side hand view picture word terminology definition notation assumption proof lemma theorem equation formula"
    " inequality bound expression index symbol line column row number value result finding choice version form section"
    " reader reviewer author scope space brevity ease simplicity convenience clarity completeness attention place mind"
    " discuss describe explain present show say mention note recall refer return come go look consider examine turn"
    " begin start end close conclude summarise summarize outline sketch review introduce define call name write read"
    " give take make keep leave find use see get put set follow proceed illustrate clarify address answer ask raise treat"
    " hold apply work serve help stand mean become remain seem appear need want hope plan wish try list include contain"
    " omit drop skip report state repeat return simplify familiar interested ahead back desired necessary possible"
    " sufficient clear obvious important useful general special main whole full complete entire simple short brief long"
    " new old good same different similar analogous following previous present current future later earlier brief"
    " respective respectively precise exactly precisely simply briefly shortly first-person far little further away"
    " analogously similarly conversely immediate immediately remaining given due regard respect terms fact thing things"
    " threefold twofold worth worthwhile discussed mentioned said order sake throughout hereafter above-mentioned"
)
"""Words that say nothing of what a sentence is about."""

PROCEDURE = _words(
    "participant participants volunteers respondents interviewee interviewees annotator annotators rater raters consent"
    " questionnaire questionnaires questionnaire interview interviews debriefed recruited recruitment flyers"
    " inclusion exclusion criteria followed-up baseline-visit fasting centrifuged incubated thawed frozen aliquots stored"
    " washed pipetted calibrated monitor keyboard headphones fixation trials trial-by-trial ms milliseconds"
    " seconds minutes hours days weeks months cm mm kg ml degrees celsius khz hz fps sampling sampled resampled"
    " downsampled truncated tokenised tokenized lowercased preprocessing preprocessed vocabulary checkpoint checkpoints"
    " initialised initialized hyperparameter hyperparameters epochs batch optimiser optimizer seeds gpu gpus cpu laptop"
    " default defaults settings setting grid-search grid "
    " python pytorch tensorflow matlab spss stata significance p-value threshold imputed standardised"
    " standardized averaged repeated measured measurements recorded recordings microphone camera cameras synchronised"
    " synchronized coded blinded randomised randomized allocated paid euros dollars compensation "
    " credit laboratory session sessions pilot procedure protocol apparatus stimuli folds"
    " cross-validation test-set held-out development-set implemented programmed ran run tuned"
    " approved approval committee board informed signed guidelines adjudicated excluded removed discarded filtered"
    " normalised normalized bootstrap bootstrapped resamples fitted obtained taken drawn grown cultured"
)
"""Words of how a study was carried out."""

EFFECT = _words(
    "find finds found show shows showed observe observed present presents argue argued compare compared"
    " improve improves improved increase increases increased decrease decreases decreased reduce reduces reduced lower"
    " lowers raise raises affect affects affected cause causes caused lead leads led outperform outperforms outperformed"
    " predict predicts predicted correlate correlates correlated associate associated influence influences influenced"
    " depend depends suggest suggests suggested indicate indicates indicated reveal reveals demonstrate demonstrates"
    " demonstrated achieve achieves achieved surpass surpasses enhance enhances enhanced suffer suffers fail fails propose"
    " proposes proposed introduce introduces investigate investigates explore explores aim aims develop develops because"
    " than better worse higher greater fewer benefit benefits hurt hurts impair impairs impaired protect protects prevent"
    " prevents explain explains enable enables require requires exceed exceeds rival rivals known common widely novel"
    " differ differs linked link essential effective robust likely unlikely risk risks"
)
"""Words of claims: what brings about what, and how it compares."""
