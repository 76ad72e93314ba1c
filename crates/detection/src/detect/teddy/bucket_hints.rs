//! Assignment of the starts of the built-in literals to buckets. Written by `annealing.rs`; a start that is missing
//! here costs speed, never a match.

/// The starts in each bucket of the nibble tables.
#[rustfmt::skip]
pub(super) const NIBBLE_HINTS: [&[&[u8]]; 24] = [
    &[b"XQz", b"Xaz", b"\\u{", b"\\x{", b"ley", b"liv", b"lny", b"way"],
    &[b"QAQ", b"S\x00\x00", b"S\x000", b"S0V", b"SAF", b"Y01", b"\\00", b"\\10", b"\\11", b"\\13"],
    &[b"FD3", b"H4s", b"fd3", b"hTV", b"p;#", b"vdW"],
    &[b"<~", b"yxc"],
    &[b"Qlp", b"TMF", b"UKW", b"Vkw", b"Vmx", b"WMV", b"WmF", b"t\x00\x00", b"t\x00F", b"tFW", b"ukw"],
    &[b"%53", b"253", b"533", b"593", b"uY3"],
    &[b"J0e", b"K\x00\x00", b"K\x00E", b"K\x1b[", b"KEY", b"KLU", b"L\x00\x00", b"L\x00R", b"LEY", b"LIV", b"LNY", b"LRV", b"M2R", b"MUl"],
    &[b"DAA", b"EZX", b"GEN", b"GVs", b"GZz", b"JTM", b"TFJ", b"UAW", b"UEs", b"UTH", b"WTA", b"ZWx", b"dDN", b"dUQ", b"eAE", b"eAF", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz"],
    &[b"%25", b"%34", b"%45", b"%59", b"%74", b"(69", b")69", b"V1_", b"Y_U", b"Z19", b"ZW5", b"v1_", b"x45", b"x59"],
    &[b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"HRn", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',", b"VSM", b"X-A", b"X-P", b"X-T", b"x-a", b"x-p", b"xSV", b"xUk"],
    &[b"45 ", b"45-", b"455", b"45:", b"\\U0"],
    &[b"eNo", b"eNp", b"eNq", b"eNr", b"ewa", b"ipA", b"kup"],
    &[b"425", b"4C5", b"4c5", b"=45", b"OSU"],
    &[b"%4B", b"%4C", b"%4b", b"%4c", b"SDR", b"Sec", b"SwB", b"TQB", b"TxC", b"UgB"],
    &[b"BBA", b"BLE", b"FVR", b"FYA", b"GIT", b"HBO", b"JHV", b"MAF", b"MwM", b"MwV", b"MzA", b"NVW", b"NyZ", b"RFT", b"RGV", b"RNR", b"RQB", b"RVU", b"UZW", b"UxO", b"UzB", b"VEV", b"VEZ", b"VGV", b"VVF", b"VZM", b"VwB", b"WRK", b"WRU", b"XYT", b"YEK", b"YVR", b"ZFR"],
    &[b"VXp", b"YVk", b"_sk", b"p_a", b"pyZ", b"vsm", b"wrk"],
    &[b"789", b":69", b"_li"],
    &[b"1F8", b"1f8", b"al_", b"ic_", b"kJX", b"klM", b"on_"],
    &[b"/Td", b"344", b"346", b"744", b"_To", b"_to"],
    &[b"69\n", b"69 ", b"69,"],
    &[b"3Vk", b"cE5", b"lCo", b"lRe", b"nJk"],
    &[b"beg", b"dGd", b"dIn", b"gen", b"mic"],
    &[b"\n00", b"+00", b"504", b"u00", b"zMD"],
    &[b"28B", b"28b", b"Jhb", b"Rlb", b"x4B", b"x4b"],
];

/// The starts in each bucket of the six-bit tables.
#[rustfmt::skip]
pub(super) const SIX_BIT_HINTS: [&[&[u8]]; 16] = [
    &[b"\n000", b"504B", b"504b", b"J0eX", b"JhbG", b"VXpC", b"VkwM", b"ipAu", b"u004", b"u005", b"ukwj"],
    &[b"69\n8", b"69 8", b"69,\n", b"69, ", b"69,8", b"GENT", b"GIT ", b"LEYD", b"LIVM", b"MUlZ", b"NVWx", b"NyZW", b"RFTE", b"RQBZ", b"RVUV", b"TFJW", b"TMFZ", b"TQBE", b"UKWJ", b"UTHE", b"UZWx", b"VEVM", b"VEZK", b"VVFY", b"VZMD", b"WMVJ", b"WRKZ", b"WRUY", b"WTAx", b"Y_UR", b"p_au", b"pyZD"],
    &[b"/Td6", b"EZXV", b"JHVj", b"JTMx", b"V1_S", b"VGVs", b"VSMB", b"dDNU", b"dGdf", b"hTVm", b"ic_v", b"kJXV", b"nJkM", b"on_s", b"v1_s", b"xSVm", b"xUkJ"],
    &[b"LRV", b"RGV1", b"TxCo", b"\\x{", b"p;#", b"tFW", b"yxcl"],
    &[b"2534", b"28B5", b"28b5", b"5330", b"5930", b"GVsb", b"UEsD", b"UgBW", b"UxOW", b"uY3J"],
    &[b"(69)", b")69,", b":69,", b"MwMz", b"MwVl", b"RNRl", b"Z19z", b"ZFRj", b"begi", b"leyd", b"lnyx", b"zMDM"],
    &[b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"eAE", b"eAF", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz", b"eNo", b"eNp", b"eNq", b"eNr"],
    &[b"1F8B", b"1f8b", b"789C", b"789c", b"GZzX", b"LNYX", b"XQzV", b"XazF", b"_sk_", b"micV", b"vdWR", b"vsmb", b"way_"],
    &[b"BBAH", b"BLES", b"HBOU", b"KLUv", b"Qlpo", b"RlbG", b"WmFU", b"X-AP", b"X-Ap", b"X-Pr", b"_liv", b"al_r", b"klMz", b"x-ap", b"x-pr"],
    &[b"<~", b"K\x1b[", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',"],
    &[b"%25", b"%45", b"%4B", b"%4b", b"%59", b"=45=", b"x45", b"x4B", b"x4b", b"x59"],
    &[b"3442", b"3462", b"3VkZ", b"7446", b"_Tok", b"_tok", b"lCon", b"lRed", b"livm"],
    &[b"%34%", b"%4C%", b"%4c%", b"%53%", b"%74%", b"FD37", b"H4sI", b"SwBF", b"Vmxw", b"VwBU", b"X-Te", b"XYTN", b"eway", b"fd37"],
    &[b"+004", b"+005", b"K\x00E", b"KEY", b"S\x000\x00", b"S0V", b"Y01", b"YEK", b"\\000", b"\\10", b"\\11", b"\\13", b"\\U0", b"\\u{", b"kupS", b"kup_"],
    &[b"425A", b"425a", b"DAAV", b"FVRW", b"FYAW", b"K\x00\x00\x00", b"L\x00\x00\x00", b"L\x00R\x00", b"M2RO", b"MAFI", b"MzAz", b"OSUz", b"QAQQ", b"S\x00\x00\x00", b"SAFY", b"SDRz", b"UAWQ", b"UzBW", b"YVRV", b"YVkV", b"cE5S", b"t\x00\x00\x00", b"t\x00F\x00", b"wrkz"],
    &[b"45 5", b"45 \\", b"45-5", b"4559", b"45:5", b"4C52", b"4c52", b"HRnX", b"Secr", b"ZW5j", b"ZWxu", b"dInf", b"dUQX", b"genc"],
];
